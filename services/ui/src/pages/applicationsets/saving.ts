/** Saving the specification of a set: on the newest one, and over nobody's change of the same unasked. */
import { get, post } from '@/api/client';
import type { JsonObject } from '@/kubernetes/json';
import { reconciled } from '@/kubernetes/overtaken';
import { type ApplicationSet, SETS, setPath } from './model';

export interface Wanted {
  readonly base: ApplicationSet;
  readonly spec: JsonObject;
  /** Whether mine counts where somebody else changed the same. */
  readonly goesOver: boolean;
}

/** Throws OvertakenFieldsError where somebody else changed the same meanwhile. */
export async function written({ base, spec, goesOver }: Wanted): Promise<ApplicationSet> {
  const { name, namespace } = base.metadata;
  const now = await get<ApplicationSet>(setPath(name), namespace ? { appsetNamespace: namespace } : {});
  const wanted = reconciled(specOf(base), spec, specOf(now), goesOver);
  return await post<ApplicationSet>(SETS, documentOf(base, wanted), { upsert: true });
}

/** A set with another specification, as the API takes it. */
export function documentOf(base: ApplicationSet, spec: JsonObject): JsonObject {
  const { name, namespace } = base.metadata;
  return { metadata: { name, ...(namespace ? { namespace } : {}) }, spec };
}

export function specOf(set: ApplicationSet): JsonObject {
  return (set.spec ?? {}) as JsonObject;
}
