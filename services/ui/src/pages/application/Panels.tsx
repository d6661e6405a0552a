/** What is open beside the page, as the address names it: one thing at a time. */

import { useMemo } from 'react';
import { Flyout } from '@/extensions/Flyout';
import { useFields } from '@/routing';
import { applicationParameter, CLOSED, keyIn } from './address';
import { Details } from './details/Details';
import type { Application } from './model';
import { HISTORY, OBJECT, SYNC } from './slots';
import { Conditions } from './state/Conditions';
import { Operation } from './state/Operation';
import { Story } from './story/Story';
import type { useStory } from './story/use_story';
import { treeOf, type View } from './view';
import { Why } from './why/Why';

export interface PanelsProps {
  view: View;
  application: Application;
  isLive: boolean;
  story: ReturnType<typeof useStory>;
  addressOf: (key: string) => string;
}

export function Panels({ view, application, isLive, story, addressOf }: PanelsProps) {
  const [fields, change] = useFields();
  const onClose = () => change(CLOSED);
  const node = fields.get('node');
  const nodes = [...view.nodes.values(), ...view.orphans];
  const tree = useMemo(() => treeOf(view), [view]);
  const slot = { application, nodes, tree, isLive, onClose };
  if (fields.has('deploy') && SYNC) return <SYNC {...slot} />;
  if (fields.has('rollback') && HISTORY) return <HISTORY {...slot} />;
  if (fields.has('operation')) {
    return <Operation application={application} told={view.outlook.waiting} addressOf={addressOf} onClose={onClose} />;
  }
  if (fields.has('conditions')) return <Conditions application={application} onClose={onClose} />;
  if (fields.has('story')) return <Story story={story} addressOf={addressOf} onClose={onClose} />;
  if (fields.has('why')) return <Why application={application} view={view} addressOf={addressOf} onClose={onClose} />;
  const flyout = fields.get('extension');
  if (flyout !== null) return <Flyout id={flyout} application={application} tree={tree} onClose={onClose} />;
  if (node === null) return null;
  if (keyIn(node) === keyIn(applicationParameter(application))) {
    return (
      <Details {...slot} tab={fields.get('tab') ?? 'summary'} onTab={(tab) => change({ tab }, { replace: true })} />
    );
  }
  return OBJECT && <OBJECT key={node} {...slot} />;
}
