/** Lists of a project as rows of a form: text in every column, and back, with nothing where nothing was typed. */

export type Row = Readonly<Record<string, string>>;

/** Rows of objects; a missing field is empty. */
export function rowsOf(items: readonly object[] | undefined, columns: readonly string[]): Row[] {
  return (items ?? []).map((item) => {
    const fields = new Map<string, unknown>(Object.entries(item));
    return Object.fromEntries(columns.map((column) => [column, textOf(fields.get(column))]));
  });
}

/** Objects of rows: fields without blanks around them, empty ones left out, and no row that says nothing. */
export function itemsOf(rows: readonly Row[], kept: readonly string[] = []): Record<string, string>[] {
  return rows
    .map((row) => Object.entries(row).map(([column, value]) => [column, value.trim()] as const))
    .filter((fields) => fields.some(([, value]) => value !== ''))
    .map((fields) => Object.fromEntries(fields.filter(([column, value]) => value !== '' || kept.includes(column))));
}

/** Rows of plain texts, in a column of that name. */
export function rowsOfTexts(texts: readonly string[] | undefined, column: string): Row[] {
  return (texts ?? []).map((value) => ({ [column]: value }));
}

export function textsOf(rows: readonly Row[], column: string): string[] {
  return rows.map((row) => (row[column] ?? '').trim()).filter(Boolean);
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
