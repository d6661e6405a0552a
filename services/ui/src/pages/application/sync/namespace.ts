/** A sync that failed since the namespace is not there: what a newcomer meets first, with its way on. */
import { isRunning, type Operation } from './operation';

export const CREATES = 'CreateNamespace=true';
const ABSENT = /namespaces "([^"]+)" not found/;

/** The namespace that an operation that is over did not find and was not to create; "" where that was not it. */
export function absentNamespace(operation: Operation | null | undefined, options: readonly string[]): string {
  if (!operation || operation.dryRun || isRunning(operation) || options.includes(CREATES)) return '';
  const told = [operation.message, ...operation.rows.map((row) => row.message)];
  return told.map((words) => ABSENT.exec(words)?.[1]).find(Boolean) ?? '';
}
