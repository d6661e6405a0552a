/** Helm values as one text, whether the application holds them as a text or as an object. */
import { parseDocument, stringify } from 'yaml';
import { type Draft, isRecord, type Path } from '../../../kubernetes/draft';

export function valuesText(draft: Draft, helm: Path): string {
  const object = draft.get([...helm, 'valuesObject']);
  if (object !== undefined) return stringify(object, { lineWidth: 0 });
  return draft.string([...helm, 'values']);
}

/** Why a text is no values; "" when it is. */
export function valuesProblem(text: string): string {
  const document = parseDocument(text);
  const first = document.errors[0];
  if (first) return first.message.split('\n')[0] ?? 'this is not YAML';
  try {
    const value: unknown = document.toJS();
    return value === null || value === undefined || isRecord(value) ? '' : 'values are a YAML mapping';
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

/** A text that can be read, written where the values were: an object stays an object, all else keeps its comments. */
export function withValues(draft: Draft, helm: Path, text: string, isObject = hasObject(draft, helm)): Draft {
  if (!isObject) {
    return draft.with([...helm, 'values'], text, helm.length - 1);
  }
  return draft.with([...helm, 'valuesObject'], parseDocument(text).toJS(), helm.length - 1);
}

export function hasObject(draft: Draft, helm: Path): boolean {
  return draft.get([...helm, 'valuesObject']) !== undefined;
}

/** Whether there is a text of values that an object beside it keeps from counting. */
export function isTextIgnored(draft: Draft, helm: Path): boolean {
  return draft.get([...helm, 'valuesObject']) !== undefined && draft.string([...helm, 'values']) !== '';
}

/** Whether two texts of values are the same: of a text each character counts, of an object what it means. */
export function isSameValues(draft: Draft, helm: Path, one: string, other: string): boolean {
  if (one === other) return true;
  if (draft.get([...helm, 'valuesObject']) === undefined || valuesProblem(one) || valuesProblem(other)) return false;
  return JSON.stringify(parseDocument(one).toJS()) === JSON.stringify(parseDocument(other).toJS());
}
