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

/** Written where they were: an object stays an object, everything else is a text and keeps its comments. */
export function withValues(draft: Draft, helm: Path, text: string): Draft {
  if (draft.get([...helm, 'valuesObject']) === undefined || valuesProblem(text)) {
    return draft.with([...helm, 'valuesObject'], undefined, helm.length).with([...helm, 'values'], text, helm.length);
  }
  return draft.with([...helm, 'valuesObject'], parseDocument(text).toJS(), helm.length);
}
