/** Which field of a form a refusal of the server is about: its words belong there, not at the foot of the page. */

export type Places<Field extends string> = readonly (readonly [RegExp, Field])[];

/** What the server said; `field` is null where it is about none in particular. */
export interface Refusal<Field extends string> {
  readonly field: Field | null;
  readonly words: string;
}

/** The first place whose expression finds something in the words counts. */
export function placed<Field extends string>(words: string, places: Places<Field>): Refusal<Field> {
  return { field: places.find(([about]) => about.test(words))?.[1] ?? null, words };
}

/** The words for one field, or undefined: `error={said(refusal, 'schedule')}`. */
export function said<Field extends string>(refusal: Refusal<Field> | null, field: Field): string | undefined {
  return refusal?.field === field ? refusal.words : undefined;
}
