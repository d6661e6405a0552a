/** Lines as a file has them. */
import type { Line } from './lines';

export function plainText(lines: readonly Line[]): string {
  return lines
    .map((line) => `${[line.at, line.pod, line.container].filter(Boolean).join(' ')} ${line.text}\n`)
    .join('');
}
