import { render, screen } from '@testing-library/react';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { toast } from '@/components/toasts';
import { api, registerLeft } from './api';
import { Contained } from './Contained';
import { displayed, extensions, tabsFor } from './registry';
import { listed } from './start';

const Hello = () => <p>hello</p>;
const Throws = () => {
  throw new Error('broken inside');
};

afterEach(() => {
  extensions.forget();
  for (const one of toast.shown) toast.close(one.id);
});

describe('what scripts register', () => {
  it('is there for the kinds that its patterns mean, numbered by title', () => {
    api.registerResourceExtension(Hello, '**', '*', 'Second', { icon: 'fa-x' });
    api.registerResourceExtension(Hello, 'apps', 'Deployment', 'First');
    api.registerResourceExtension(Hello, '*', 'Pod', 'Never of the core');
    const { tabs } = extensions.current;
    expect(tabsFor(tabs, 'apps', 'Deployment').map(({ id, title }) => [id, title])).toEqual([
      ['extension-0', 'First'],
      ['extension-1', 'Second'],
    ]);
    expect(tabsFor(tabs, '', 'Pod').map(({ title }) => title)).toEqual(['Second']);
  });

  it('is refused without a component or a title, so that its script fails aloud', () => {
    expect(() => api.registerStatusPanelExtension(undefined, 'A', 'a')).toThrow('a component of React');
    expect(() => api.registerStatusPanelExtension(Hello, '', 'a')).toThrow('has a title');
    expect(() => api.registerStatusPanelExtension(Hello, 'A', 'a', 'text')).toThrow('a component of React');
    expect(extensions.current.status).toEqual([]);
  });

  it('has a page that is not one of ours', () => {
    api.registerSystemLevelExtension(Hello, 'Own', '/own/', 'fa-x');
    api.registerSystemLevelExtension(Hello, 'My Costs', { icon: 'fa-x' });
    expect(extensions.current.pages.map(({ path }) => path)).toEqual(['/own', '/my-costs']);
    for (const path of ['/settings', '/settings/mine', '/applications/x/y', '/']) {
      expect(() => api.registerSystemLevelExtension(Hello, 'X', path)).toThrow('there is a page');
    }
  });

  it('is shown as it wishes, and not when it cannot say', async () => {
    api.registerTopBarActionMenuExt(Hello, 'Yes', 'yes', Hello, () => true, '', true);
    api.registerTopBarActionMenuExt(Hello, 'No', 'no', undefined, () => false);
    api.registerTopBarActionMenuExt(Hello, 'Unsure', 'unsure', undefined, () => {
      throw new Error('no idea');
    });
    api.registerAppViewExtension(Hello, 'View', 'fa-x', (application: { name: string }) => application.name === 'shop');
    const { topBar, views } = extensions.current;
    expect(displayed(topBar, {}).map(({ id, isMiddle }) => [id, isMiddle])).toEqual([['yes', true]]);
    expect(displayed(views, { name: 'shop' })).toHaveLength(1);
    expect(displayed(views, { name: 'other' })).toHaveLength(0);
    expect(displayed(views, null)).toHaveLength(0);
    await vi.waitFor(() => expect(toast.shown.map(({ text }) => text).join()).toContain('Extension Unsure: no idea'));
  });

  it('may be left at a kind, as scripts of old do, but not twice', () => {
    api.registerResourceExtension(Hello, 'argoproj.io', 'Rollout', 'Rollout');
    registerLeft({ 'argoproj.io/Rollout': { component: Hello }, 'apps/Deployment': { component: Throws }, x: null });
    expect(extensions.current.tabs.map(({ title }) => title)).toEqual(['Rollout', 'More']);
  });
});

describe('a component', () => {
  it('that throws is named in its place, and what is around it stays', () => {
    vi.spyOn(console, 'error').mockImplementation(() => undefined);
    render(
      <main>
        <p>ours</p>
        <Contained of={{ component: Throws, title: 'Costs\u202e', script: 'a/extension-1.js' }} />
        <Contained room="word" of={{ component: Throws, title: 'Button', script: '' }} />
        <Contained room="lines" of={{ component: Throws, title: 'Part', script: 'b.js' }} />
        <Contained of={{ component: Hello, title: 'Fine', script: '' }} />
      </main>,
    );
    expect(screen.getByText('ours')).toBeTruthy();
    expect(screen.getByText('hello')).toBeTruthy();
    const [words, lines] = screen.getAllByRole('alert').map((one) => one.textContent ?? '');
    expect(lines).toBe('The extension “Part” of b.js failed: broken inside');
    expect(words).toContain('The extension “Costs‹U+202E›” of a/extension-1.js failed');
    expect(words).toContain('broken inside');
    expect(screen.getByTitle(/broken inside/).textContent).toBe('Button failed');
  });
});

describe('the page', () => {
  it('tells of scripts, or of none', () => {
    const page = document.implementation.createHTMLDocument();
    expect(listed(page)).toEqual([]);
    const meta = page.createElement('meta');
    meta.name = 'fairlead-extensions';
    page.head.append(meta);
    for (const [content, found] of [
      ['[["a/extension.js","extensions.js?file=a"]]', [['a/extension.js', 'extensions.js?file=a']]],
      ['[["a"],1,["a",2]]', []],
      ['{}', []],
      ['nonsense', []],
    ] as const) {
      meta.content = content;
      expect(listed(page)).toEqual(found);
    }
  });
});
