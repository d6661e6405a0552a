/** `window.extensionsAPI`: what scripts call to be shown, by the names and in the order of arguments that Argo CD has. */
import { hasPage, nav } from '@/pages';
import { matcher } from './glob';
import { type Display, type Extension, extensions } from './registry';

/** The script that runs now. */
export function running(): string {
  const script = document.currentScript;
  return script instanceof HTMLScriptElement ? (script.dataset['extension'] ?? '') : '';
}

function registered(component: unknown, title: unknown) {
  const isComponent = typeof component === 'function' || (typeof component === 'object' && component !== null);
  if (!isComponent) throw new TypeError('an extension is a component of React');
  return { component: component as Extension, title: titled(title), script: running() };
}

function titled(title: unknown): string {
  if (typeof title !== 'string' || !title.trim()) throw new TypeError('an extension has a title');
  return title;
}

function flyoutOf(component: unknown): Extension | null {
  return component ? registered(component, 'flyout').component : null;
}

function displaying(shouldDisplay: unknown): { shouldDisplay?: Display } {
  return typeof shouldDisplay === 'function' ? { shouldDisplay: shouldDisplay as Display } : {};
}

/** The path of a page of its own; our own pages stay where they are. */
function pathOf(said: unknown, title: string): string {
  const text = typeof said === 'string' && said.trim() ? said.trim() : title.toLowerCase().replace(/\W+/g, '-');
  const path = `/${text.replace(/^\/+|\/+$/g, '')}`;
  const isTaken = hasPage(path) || nav.some(({ to }) => path === to || path.startsWith(`${to}/`));
  if (path === '/' || isTaken) throw new TypeError(`there is a page at ${path}`);
  return path;
}

export const api = {
  registerResourceExtension(
    component: unknown,
    group: unknown,
    kind: unknown,
    tabTitle: unknown,
    _options?: unknown,
  ): void {
    const [isGroup, isKind] = [matcher(String(group ?? '')), matcher(String(kind ?? ''))];
    const isFor = (ofGroup: string, ofKind: string) => isGroup(ofGroup) && isKind(ofKind);
    extensions.add('tabs', { ...registered(component, tabTitle), isFor });
  },
  registerSystemLevelExtension(
    component: unknown,
    title: unknown,
    path?: unknown,
    _icon?: unknown,
    shouldDisplay?: unknown,
  ): void {
    const one = registered(component, title);
    extensions.add('pages', { ...one, path: pathOf(path, one.title), ...displaying(shouldDisplay) });
  },
  registerStatusPanelExtension(component: unknown, title: unknown, id: unknown, flyout?: unknown): void {
    const one = registered(component, title);
    extensions.add('status', { ...one, id: String(id ?? one.title), flyout: flyoutOf(flyout) });
  },
  registerTopBarActionMenuExt(
    component: unknown,
    title: unknown,
    id: unknown,
    flyout?: unknown,
    shouldDisplay?: unknown,
    _iconClassName?: unknown,
    isMiddle?: unknown,
  ): void {
    const one = registered(component, title);
    extensions.add('topBar', {
      ...one,
      id: String(id ?? one.title),
      flyout: flyoutOf(flyout),
      isMiddle: isMiddle === true,
      ...displaying(shouldDisplay),
    });
  },
  registerAppViewExtension(component: unknown, title: unknown, _icon?: unknown, shouldDisplay?: unknown): void {
    extensions.add('views', { ...registered(component, title), ...displaying(shouldDisplay) });
  },
} as const;

/** Scripts of old leave a component at `extensions.resources['group/Kind']`: Argo CD shows it as the tab `More`. */
export function registerLeft(resources: Readonly<Record<string, unknown>>): void {
  for (const [key, left] of Object.entries(resources)) {
    const component = (left as { component?: unknown } | null)?.component;
    const isKnown = extensions.current.tabs.some((one) => one.component === component);
    const [group = '', kind = ''] = key.split('/');
    if (component && kind && !isKnown) api.registerResourceExtension(component, group, kind, 'More');
  }
}
