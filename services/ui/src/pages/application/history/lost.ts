/** What going back to an earlier deployment would delete, told before it is asked for. */
import type { ManifestPair } from '../parameters/ManifestDiff';
import { keyOf, type ObjectRef, objectsOf } from '../sync/objects';

/**
 * Of what differs between now (left) and the deployment (right): all that it had not, and what Git dropped already and it had
 * not either. Manifests need not say the namespace that they go to, which is `home`; live objects do.
 */
export function lostBy(items: readonly ManifestPair[], resources: unknown, home: string): ObjectRef[] {
  const live = objectsOf(resources);
  const byKey = new Map(live.map((object) => [keyOf(object), refOf(object)]));
  const placed = (item: ManifestPair): ObjectRef => {
    const ref = refOf(item);
    return ref.namespace ? ref : (byKey.get(keyOf({ ...ref, namespace: home })) ?? byKey.get(keyOf(ref)) ?? ref);
  };
  const added = items.filter((item) => item.left && !item.right).map(placed);
  const had = new Set(items.filter((item) => item.right).map((item) => keyOf(placed(item))));
  const dropped = live.filter((object) => object.requiresPruning && !had.has(keyOf(object))).map(refOf);
  return [...new Map([...added, ...dropped].map((object) => [keyOf(object), object])).values()];
}

function refOf({ group = '', kind = '', namespace = '', name = '' }: Partial<ObjectRef>): ObjectRef {
  return { group, kind, namespace, name };
}
