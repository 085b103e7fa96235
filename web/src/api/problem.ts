/** What the gateway says when it says no (RFC 9457), kept whole for those who need the extras. */
export interface ProblemBody {
  code: string;
  title: string;
  detail: string;
  status: number;
  retry_after?: number;
  [extra: string]: unknown;
}

export class Problem extends Error {
  readonly code: string;
  readonly status: number;
  readonly body: ProblemBody;

  constructor(body: ProblemBody) {
    super(body.detail || body.title);
    this.code = body.code;
    this.status = body.status;
    this.body = body;
  }
}

/** An answer that is not problem JSON comes from something between us and the gateway. */
export async function problemFrom(response: Response): Promise<Problem> {
  const fallback: ProblemBody = {
    code: response.status >= 500 ? "gateway_away" : "unexpected",
    title: response.statusText,
    detail: "",
    status: response.status,
  };
  try {
    const body: unknown = await response.json();
    if (typeof body !== "object" || body === null) return new Problem(fallback);
    return new Problem({ ...fallback, ...body });
  } catch {
    return new Problem(fallback);
  }
}

export const codeOf = (error: unknown): string =>
  error instanceof Problem
    ? error.code
    : error instanceof TypeError
      ? "gateway_away"
      : "unexpected";

/** How many seconds the gateway wants to be left alone for, if that is what it said. */
export const retryAfter = (error: unknown): number =>
  error instanceof Problem ? (error.body.retry_after ?? 0) : 0;
