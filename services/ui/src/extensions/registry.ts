/**
 * What scripts of an operator add to the pages, by where it is shown.
 *
 * Invariant: a list is replaced and never changed, so that pages are drawn anew when something is added, whenever that is.
 */
import { type ComponentType, useSyncExternalStore } from 'react';
import { toast } from '@/components/toasts';
import { inert } from '@/text/inert';

/** A component as Argo CD's extensions are: what it is given depends on where it stands. */
export type Extension = ComponentType<Record<string, unknown>>;

interface Registered {
  component: Extension;
  title: string;
  /** The script that it is from; `''` where that cannot be told. */
  script: string;
}

/** A tab of objects, and of applications, of some kinds. */
export interface ObjectTab extends Registered {
  isFor: (group: string, kind: string) => boolean;
}

/** A page of its own, below `path`. */
export interface OwnPage extends Registered {
  path: string;
  shouldDisplay?: Display;
}

/** A part of an application's state line; the flyout is a panel that it may open. */
export interface StatusPart extends Registered {
  id: string;
  flyout: Extension | null;
}

export interface TopBarItem extends StatusPart {
  isMiddle: boolean;
  shouldDisplay?: Display;
}

/** Another view of an application's objects. */
export interface ApplicationView extends Registered {
  shouldDisplay?: Display;
}

export type Display = (...about: unknown[]) => unknown;

export interface Extensions {
  /** Whether scripts are still to be run. */
  isLoading: boolean;
  tabs: readonly ObjectTab[];
  pages: readonly OwnPage[];
  status: readonly StatusPart[];
  topBar: readonly TopBarItem[];
  views: readonly ApplicationView[];
}

type Place = Exclude<keyof Extensions, 'isLoading'>;

const NONE: Extensions = { isLoading: false, tabs: [], pages: [], status: [], topBar: [], views: [] };

let current = NONE;
const listeners = new Set<() => void>();

function become(next: Extensions): void {
  current = next;
  for (const listener of listeners) listener();
}

export const extensions = {
  get current(): Extensions {
    return current;
  },
  add<P extends Place>(place: P, one: Extensions[P][number]): void {
    become({ ...current, [place]: [...current[place], one] });
  },
  loading(isLoading: boolean): void {
    become({ ...current, isLoading });
  },
  /** As if none were there. */
  forget(): void {
    become(NONE);
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function useExtensions(): Extensions {
  return useSyncExternalStore(extensions.subscribe, () => current);
}

/** The tabs of a kind, in the order of their titles, as Argo CD numbers them in addresses. */
export function tabsFor(all: readonly ObjectTab[], group: string, kind: string): (ObjectTab & { id: string })[] {
  return all
    .filter((one) => guarded(one, () => one.isFor(group, kind)))
    .toSorted((one, other) => one.title.localeCompare(other.title))
    .map((one, index) => ({ ...one, id: `extension-${index}` }));
}

/** Those that want to be shown now. */
export function displayed<E extends Registered & { shouldDisplay?: Display }>(
  all: readonly E[],
  ...about: unknown[]
): E[] {
  return all.filter((one) => !one.shouldDisplay || guarded(one, () => one.shouldDisplay?.(...about)));
}

/** What an extension answers, as yes or no; what it throws is a no, and said. */
function guarded(one: Registered, ask: () => unknown): boolean {
  try {
    return Boolean(ask());
  } catch (error) {
    failed(one.title, error);
    return false;
  }
}

const said = new Set<string>();

/** An extension or a script failed: said once of each. */
export function failed(name: string, error: unknown): void {
  if (said.has(name)) return;
  said.add(name);
  queueMicrotask(() => toast.failed(error, `Extension ${inert(name)}`));
}
