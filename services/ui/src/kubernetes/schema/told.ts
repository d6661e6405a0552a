/** What somebody who is no schema found wrong at a place of a document: a rule of a form, or the server. */
export interface Told {
  readonly path: readonly (string | number)[];
  readonly words: string;
}
