/**
 * The picture that is on the page, and what a person opened and closed in it.
 *
 * Invariant: what was drawn stays drawn until `tidy` is asked for, or another view or filter is.
 */

import { useEffect, useMemo, useRef, useState } from 'react';
import type { TreeObject } from '../model';
import { type Filter, isNarrow, matches } from './filter';
import type { Forest } from './forest';
import { keptAfter, type Picture, pictured } from './picture';

export interface Drawn {
  picture: Picture;
  open(id: string): void;
  close(id: string): void;
  /** Draw as if the page was opened now. */
  tidy(): void;
}

interface Toggled {
  opened: ReadonlySet<string>;
  closed: ReadonlySet<string>;
}

const UNTOUCHED: Toggled = { opened: new Set(), closed: new Set() };

export function usePicture(objects: ReadonlyMap<string, TreeObject>, forest: Forest, filter: Filter): Drawn {
  const [toggled, setToggled] = useState<Toggled>(UNTOUCHED);
  const [round, setRound] = useState(0);
  const kept = useRef<ReadonlySet<string>>(new Set());
  const matching = useMemo(() => matchingOf(objects, filter), [objects, filter]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` says that what was kept is forgotten.
  const picture = useMemo(
    () => pictured(objects, forest, { ...toggled, matching, kept: matching ? new Set() : kept.current }),
    [objects, forest, toggled, matching, round],
  );
  useEffect(() => {
    if (!matching) kept.current = keptAfter(kept.current, picture);
  }, [matching, picture]);
  return {
    picture,
    open: (id) => setToggled(({ opened, closed }) => ({ opened: plus(opened, id), closed: minus(closed, id) })),
    close: (id) => setToggled(({ opened, closed }) => ({ opened: minus(opened, id), closed: plus(closed, id) })),
    tidy: () => {
      kept.current = new Set();
      setToggled(UNTOUCHED);
      setRound((before) => before + 1);
    },
  };
}

function matchingOf(objects: ReadonlyMap<string, TreeObject>, filter: Filter): ReadonlySet<string> | null {
  if (!isNarrow(filter)) return null;
  const found = new Set<string>();
  for (const object of objects.values()) if (matches(object, filter)) found.add(object.key);
  return found;
}

function plus(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...set, id]);
}

function minus(set: ReadonlySet<string>, id: string): ReadonlySet<string> {
  return new Set([...set].filter((one) => one !== id));
}
