import { Link } from "wouter";
import { paths } from "../paths";
import { Empty } from "../ui/empty";
import { useWords } from "../words";

export function Missing() {
  const { app } = useWords();
  return (
    <>
      <h1 className="sr">{app.notFound}</h1>
      <Empty title={app.notFound} hint={app.notFoundHint}>
        <Link href={paths.live} className="button main">
          {app.toLive}
        </Link>
      </Empty>
    </>
  );
}
