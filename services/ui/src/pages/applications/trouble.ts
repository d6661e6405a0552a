import type { Tone } from '@/text/status';
import { type ApplicationRow, isSkipped } from './row';

/** What an operator should know of an application before anything else. */
export interface Trouble {
  tone: Tone;
  words: string;
}

/** The worst that is known of it; null when nothing is wrong. */
export function troubleOf(row: ApplicationRow): Trouble | null {
  const { phase = '', message = '' } = row.operation ?? {};
  if (row.deletedAt) return { tone: 'warn', words: 'Is being deleted' };
  const errors = (row.conditions ?? []).filter((type) => type.endsWith('Error'));
  if (errors.length) return { tone: 'bad', words: errors.map(spoken).join(', ') };
  if (phase === 'Failed' || phase === 'Error') return { tone: 'bad', words: message || `Last sync: ${phase}` };
  if (row.health === 'Degraded') return { tone: 'bad', words: row.healthMessage || 'Degraded' };
  if (phase === 'Running' || phase === 'Terminating') return { tone: 'busy', words: message || 'Sync is running' };
  if (row.healthMessage && row.health !== 'Healthy') return { tone: 'warn', words: row.healthMessage };
  const warnings = (row.conditions ?? []).filter((type) => type.endsWith('Warning'));
  if (warnings.length) return { tone: 'warn', words: warnings.map(spoken).join(', ') };
  if (isSkipped(row)) return { tone: 'neutral', words: 'Left alone: skip-reconcile is set' };
  return null;
}

/** `ComparisonError` as `Comparison error`. */
function spoken(type: string): string {
  const parts = type.replace(/([a-z])([A-Z])/g, '$1 $2').toLowerCase();
  return parts.charAt(0).toUpperCase() + parts.slice(1);
}
