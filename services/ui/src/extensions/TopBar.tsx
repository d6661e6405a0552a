/** What extensions add to an application's actions. One that has a flyout is a button that opens it. */
import { useMemo } from 'react';
import type { Application } from '@/api/schema';
import { Button } from '@/components/Button';
import { treeOf, type View } from '@/pages/application/view';
import { inert } from '@/text/inert';
import { Contained } from './Contained';
import { displayed, type TopBarItem, useExtensions } from './registry';

interface TopBarProps {
  application: Application;
  view: View;
  open: (id: string) => void;
  isMiddle?: boolean;
}

export function TopBar({ application, view, open, isMiddle = false }: TopBarProps) {
  const shown = displayed(useExtensions().topBar, application).filter((one) => one.isMiddle === isMiddle);
  const isAny = shown.length > 0;
  const tree = useMemo(() => (isAny ? treeOf(view) : null), [isAny, view]);
  return shown.map((one) => (
    <Item key={one.id} item={one} given={{ application, tree, openFlyout: () => open(one.id) }} />
  ));
}

interface ItemProps {
  item: TopBarItem;
  given: { openFlyout: () => void; [name: string]: unknown };
}

function Item({ item, given }: ItemProps) {
  const content = <Contained room="word" of={item} given={given} />;
  if (item.flyout) {
    return (
      <Button icon="extension" title={inert(item.title)} onClick={given.openFlyout}>
        {content}
      </Button>
    );
  }
  return (
    <div role="group" aria-label={inert(item.title)}>
      {content}
    </div>
  );
}
