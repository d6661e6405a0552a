/** What may be done to an object beyond patching it, by the actions of its kind. */
import { useState } from 'react';
import { useGet } from '@/api';
import type { ResourceAction, ResourceActionsListResponse } from '@/api/schema';
import { Menu } from '@/components';
import { useActionRights } from '../../rights';
import { below, named } from '../requests';
import type { Shown } from '../useShown';
import { RunAction } from './RunAction';

const NOT_NOW = 'The rule of this action says that it does not apply to the object as it is now';

export function ActionsMenu({ shown }: { shown: Shown }) {
  const { owner, key, version } = shown;
  const [chosen, setChosen] = useState<ResourceAction | null>(null);
  const query = named(owner, key, version);
  const { data } = useGet<ResourceActionsListResponse>(below(owner, 'resource/actions'), query);
  const actions = data?.actions ?? [];
  const names = actions.map(({ name = '' }) => name);
  const rights = useActionRights(shown.application, key, names);
  if (actions.length === 0) return null;
  const items = actions.map((action, at) => ({
    label: labelOf(action),
    onSelect: () => setChosen(action),
    refused: rights[at]?.refusal || (action.disabled ? NOT_NOW : undefined),
  }));
  return (
    <>
      <Menu label="Actions" icon="play" items={items} small />
      {chosen && <RunAction shown={shown} action={chosen} onClose={() => setChosen(null)} />}
    </>
  );
}

/** `Restart`, or what the action calls itself. */
export function labelOf(action: ResourceAction): string {
  const words = action.displayName || (action.name ?? '').replaceAll(/[-_]/g, ' ');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
