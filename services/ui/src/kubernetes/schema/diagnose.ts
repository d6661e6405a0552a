/** Where in a text of YAML something is wrong: what cannot be read, and what its schema does not allow. */
import { type Document, isMap, isNode, isScalar, isSeq, parseDocument } from 'yaml';
import { fromYaml } from '../yaml';
import { check, type Finding } from './check';
import type { KindSchema } from './schema';
import type { Told } from './told';

export interface Diagnosis {
  readonly from: number;
  readonly to: number;
  readonly message: string;
  /** An error cannot be sent; what is doubtful is put to the server. */
  readonly isError: boolean;
}

/** Characters of a text that is checked while somebody types; larger ones are checked by the server alone. */
export const MAX_CHECKED = 512 * 1024;

export function diagnose(text: string, kind: KindSchema | null, told: readonly Told[] = []): readonly Diagnosis[] {
  if (text.length > MAX_CHECKED) return [];
  const read = fromYaml(text);
  if ('problems' in read) return read.problems.map((problem) => ({ ...problem, isError: true }));
  if (!kind && told.length === 0) return [];
  const document = parseDocument(text, { prettyErrors: false });
  const said = told.map(({ path, words }) => ({
    ...rangeOf(document, { path, isKey: true, message: words }),
    message: words,
    isError: true,
  }));
  const found = (kind ? check(kind, read.value) : []).map((finding) => ({
    ...rangeOf(document, finding),
    message: finding.message,
    isError: false,
  }));
  return [...said, ...found];
}

function rangeOf(document: Document, { path, isKey }: Finding): { from: number; to: number } {
  let node: unknown = document.contents;
  let key: unknown = null;
  for (const part of path) {
    if (isMap(node)) {
      const pair = node.items.find((item) => isScalar(item.key) && String(item.key.value) === String(part));
      key = pair?.key;
      node = pair?.value;
    } else if (isSeq(node)) {
      node = node.items[Number(part)];
      key = node;
    } else break;
  }
  const range = rangeIn(isKey ? (key ?? node) : (node ?? key)) ?? rangeIn(key) ?? { from: 0, to: 0 };
  return isKey ? { from: range.from, to: Math.min(range.to, range.from + 80) } : range;
}

function rangeIn(node: unknown): { from: number; to: number } | null {
  if (!isNode(node) || !node.range) return null;
  return { from: node.range[0], to: Math.max(node.range[0], node.range[1]) };
}
