/** A manifest that the API tells as JSON, as people read it. */
import { stringify } from 'yaml';

/** YAML of a JSON text; "" for what is not there, and the text itself where it is no JSON. */
export function yamlOf(json: string | undefined): string {
  if (!json || json === 'null') return '';
  try {
    return stringify(JSON.parse(json), { lineWidth: 0, aliasDuplicateObjects: false });
  } catch {
    return json;
  }
}
