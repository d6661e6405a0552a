/**
 * What two people made of the same document, put together.
 *
 * The invariant: what only one of them changed is as that one made it; where both changed the same, it is told,
 * and mine counts. Items of a list are told apart by their name, or by being the same.
 */
import { isEqual, isList, isObject, type Json, type JsonObject } from './json';

export type MergePath = readonly (string | number)[];

/** Something that somebody else made of a place, beside what was there and what I made of it. */
export interface Difference {
  readonly path: MergePath;
  /** undefined: it was not there. */
  readonly before: Json | undefined;
  readonly theirs: Json | undefined;
  readonly mine: Json | undefined;
  /** Whether both changed it, to something else each. */
  readonly isConflict: boolean;
}

export interface Merged {
  readonly value: Json | undefined;
  /** Each place that they changed. */
  readonly differences: readonly Difference[];
}

type Maybe = Json | undefined;

export function merge(before: Maybe, mine: Maybe, theirs: Maybe): Merged {
  const differences: Difference[] = [];
  return { value: put(before, mine, theirs, [], differences), differences };
}

export function conflictsOf(merged: Merged): readonly Difference[] {
  return merged.differences.filter((one) => one.isConflict);
}

function put(before: Maybe, mine: Maybe, theirs: Maybe, path: MergePath, found: Difference[]): Maybe {
  if (isEqual(before, theirs)) return mine;
  if (isObject(theirs) && (isObject(before) || isObject(mine))) {
    return maps(mapOf(before), mapOf(mine), theirs, path, found, mine === undefined && before !== undefined);
  }
  if (isList(before) && isList(mine) && isList(theirs)) {
    const named = namesOf(before, mine, theirs);
    if (named) return items(before, mine, theirs, named, path, found);
    if (isAligned(before, mine, theirs)) return places(before, mine, theirs, path, found);
    const moved = inPlace(before, mine, theirs) ?? inPlace(before, theirs, mine);
    if (moved) {
      found.push({ path, before, theirs, mine, isConflict: false });
      return moved;
    }
    if (isAppended(before, mine) && isAppended(before, theirs)) return sets(before, mine, theirs, path, found);
  }
  return one(before, mine, theirs, path, found);
}

function one(before: Maybe, mine: Maybe, theirs: Maybe, path: MergePath, found: Difference[]): Maybe {
  const isMine = !isEqual(before, mine);
  found.push({ path, before, theirs, mine, isConflict: isMine && !isEqual(mine, theirs) });
  return isMine ? mine : theirs;
}

function mapOf(value: Maybe): JsonObject {
  return isObject(value) ? value : {};
}

function maps(
  before: JsonObject,
  mine: JsonObject,
  theirs: JsonObject,
  path: MergePath,
  found: Difference[],
  isGone: boolean,
): Maybe {
  const at = found.length;
  const result: [string, Json][] = [];
  for (const key of new Set([...Object.keys(mine), ...Object.keys(theirs), ...Object.keys(before)])) {
    const value = put(own(before, key), own(mine, key), own(theirs, key), [...path, key], found);
    if (value !== undefined) result.push([key, value]);
  }
  // What I took away whole stays away, whatever they changed in it; that is a conflict.
  if (isGone) {
    found.splice(at, found.length - at, { path, before, theirs, mine: undefined, isConflict: true });
    return undefined;
  }
  return Object.fromEntries(result);
}

function own(map: JsonObject, key: string): Maybe {
  return Object.hasOwn(map, key) ? map[key] : undefined;
}

/** What items of these lists are called by, if each has a name that no other of its list has. */
function namesOf(...lists: readonly (readonly Json[])[]): ((item: Json) => string) | null {
  const nameOf = (item: Json) => {
    const name = isObject(item) ? own(item, 'name') : undefined;
    return typeof name === 'string' ? name : '';
  };
  const isNamed = lists.every((list) => {
    const names = list.map(nameOf);
    return names.every(Boolean) && new Set(names).size === names.length;
  });
  return isNamed && lists.some((list) => list.length > 0) ? nameOf : null;
}

function items(
  before: readonly Json[],
  mine: readonly Json[],
  theirs: readonly Json[],
  nameOf: (item: Json) => string,
  path: MergePath,
  found: Difference[],
): Json {
  const at = (list: readonly Json[], name: string) => list.find((item) => nameOf(item) === name);
  const order = [...theirs.map(nameOf), ...mine.map(nameOf)];
  const merged = [...new Set(order)].flatMap((name) => {
    const value = put(at(before, name), at(mine, name), at(theirs, name), [...path, name], found);
    return value === undefined ? [] : [value];
  });
  return merged;
}

/** Whether lists of maps are as long as each other, so that each place means the same in all of them. */
function isAligned(...lists: readonly (readonly Json[])[]): boolean {
  return lists.every((list) => list.length === lists[0]?.length && list.every(isObject));
}

function places(
  before: readonly Json[],
  mine: readonly Json[],
  theirs: readonly Json[],
  path: MergePath,
  found: Difference[],
): Json {
  return theirs.map((item, at) => put(before[at], mine[at], item, [...path, at], found) ?? item);
}

/** Items that one edited where they stand, in the list that the other made; null where that has one of them no more. */
function inPlace(before: readonly Json[], edited: readonly Json[], other: readonly Json[]): Json[] | null {
  const isOnce = before.every((item, at) => before.findIndex((one) => isEqual(item, one)) === at);
  if (edited.length !== before.length || !isOnce) return null;
  const touched = before.flatMap((item, at) => (isEqual(item, edited[at]) ? [] : [at]));
  // What moved within the list was not edited where it stands.
  if (touched.some((at) => !has(other, before[at] ?? null) || has(before, edited[at] ?? null))) return null;
  return other.map((item) => {
    const at = before.findIndex((one) => isEqual(item, one));
    return at < 0 ? item : (edited[at] ?? item);
  });
}

function has(list: readonly Json[], item: Json): boolean {
  return list.some((other) => isEqual(item, other));
}

/** Whether of a list only items were taken away, and others put behind it: then its order is not lost. */
function isAppended(before: readonly Json[], after: readonly Json[]): boolean {
  const kept = before.filter((item) => has(after, item));
  const isOnce = after.every((item, at) => after.findIndex((other) => isEqual(item, other)) === at);
  return isOnce && kept.every((item, at) => isEqual(item, after[at]));
}

function sets(
  before: readonly Json[],
  mine: readonly Json[],
  theirs: readonly Json[],
  path: MergePath,
  found: Difference[],
): Maybe {
  const added = mine.filter((item) => !has(before, item));
  const removed = before.filter((item) => !has(mine, item));
  const theirRemoved = before.filter((item) => !has(theirs, item));
  // An item that both took away, and I put another one: nobody can tell which of theirs mine stands for.
  const isBoth = removed.some((item) => has(theirRemoved, item)) && added.length > 0 && !isEqual(mine, theirs);
  if (isBoth) return one(before, mine, theirs, path, found);
  found.push({ path, before, theirs, mine, isConflict: false });
  const kept = theirs.filter((item) => !has(removed, item));
  return [...kept, ...added.filter((item) => !has(kept, item))];
}
