/** A word of the reader for each word of the domain, of which none may be missing, and for others
 * that come along with them. Whoever asks by a text of another release may get nothing. */
export type Named<Word extends string> = Record<Word, string> & Record<string, string>;

export const named = <Word extends string>(words: Named<Word>): Named<Word> => words;
