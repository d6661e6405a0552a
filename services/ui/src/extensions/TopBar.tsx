/** What extensions add to an application's actions. One that has a flyout is a button that opens it. */
import { useMemo } from 'react';
import type { Application } from '@/api/schema';
import { Button } from '@/components/Button';
import { treeOf, type View } from '@/pages/application/view';
import { inert } from '@/text/inert';
import { Contained } from './Contained';
import { displayed, useExtensions } from './registry';

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
  return shown.map((one) => {
    const openFlyout = () => open(one.id);
    const content = <Contained inline of={one} given={{ application, tree, openFlyout }} />;
    return one.flyout ? (
      <Button key={one.id} icon="extension" title={inert(one.title)} onClick={openFlyout}>
        {content}
      </Button>
    ) : (
      <div key={one.id} role="group" aria-label={inert(one.title)}>
        {content}
      </div>
    );
  });
}
