/** The frame around every page: where one can go, how fresh things are, who one is. */
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { Redirect, useLocation } from 'wouter';
import { useSession } from '@/api';
import { useKeptRights } from '@/api/can';
import { IconButton, useKeys } from '@/components';
import { KeysOverlay } from '@/components/KeysOverlay';
import { runExtensions } from '@/extensions/start';
import { nav } from '@/pages';
import { useGo } from '@/routing';
import { Banner } from './Banner';
import { CustomStyle } from './CustomStyle';
import { LiveMark } from './LiveMark';
import { Nav } from './Nav';
import { SessionEnded } from './SessionEnded';
import css from './Shell.module.css';
import { useKnownReader, useSettings } from './settings';
import { UserMenu } from './UserMenu';

const NO_KEYS = {};

export function Shell({ children }: { children: ReactNode }) {
  const settings = useSettings();
  const state = useSession();
  useEffect(() => {
    if (state === 'open') runExtensions();
  }, [state]);
  const main = useRef<HTMLElement>(null);
  const [hasKeys, setKeys] = useState(false);
  const [isNavOpen, setNavOpen] = useState(false);
  useKnownReader();
  useKeptRights();
  useFocusOnArrival(main, () => setNavOpen(false));
  useFrameKeys(() => setKeys(true));
  useKeys(
    isNavOpen ? { Escape: { label: 'Close the list of pages', run: () => setNavOpen(false) } } : NO_KEYS,
    'Everywhere',
  );
  const closeNav = () => setNavOpen(false);
  if (state === 'absent') return <Redirect to={loginPath()} replace />;
  return (
    <div className={css.shell}>
      <button type="button" className={css.skip} onClick={() => main.current?.focus()}>
        Skip to the content
      </button>
      <CustomStyle url={settings.uiCssURL} />
      <Banner settings={settings} at="top" />
      <header className={css.bar}>
        <span className={css.burger}>
          <IconButton icon="menu" label="Pages" aria-expanded={isNavOpen} onClick={() => setNavOpen(!isNavOpen)} />
        </span>
        <span className={css.brand}>Fairlead</span>
        <div className={css.tools}>
          <LiveMark />
          <span className={css.keys}>
            <IconButton icon="keyboard" label="Keys" onClick={() => setKeys(true)} />
          </span>
          <UserMenu />
        </div>
      </header>
      <div className={css.below}>
        <div className={css.nav} data-open={isNavOpen || undefined}>
          <Nav settings={settings} />
        </div>
        <main ref={main} className={css.main} tabIndex={-1} onPointerDown={closeNav}>
          {children}
        </main>
      </div>
      <Banner settings={settings} at="bottom" />
      <SessionEnded />
      {hasKeys && <KeysOverlay onClose={() => setKeys(false)} />}
    </div>
  );
}

function loginPath(): string {
  return `/login?return_url=${encodeURIComponent(window.location.href)}`;
}

/** On another page the focus starts at its content, unless the page put it somewhere itself. */
function useFocusOnArrival(main: React.RefObject<HTMLElement | null>, arrived: () => void): void {
  const [path] = useLocation();
  const before = useRef(path);
  const latest = useRef(arrived);
  latest.current = arrived;
  useEffect(() => {
    if (before.current === path) return;
    before.current = path;
    latest.current();
    const frame = requestAnimationFrame(() => {
      const now = document.activeElement;
      if (now === null || now === document.body || now.closest('nav')) main.current?.focus({ preventScroll: true });
    });
    return () => cancelAnimationFrame(frame);
  }, [path, main]);
}

function useFrameKeys(showKeys: () => void): void {
  const go = useGo();
  const pages = Object.fromEntries(
    nav.map(({ key, label, to }) => [`g ${key}`, { label: `Go to ${label}`, run: () => go(to) }]),
  );
  useKeys({ '?': { label: 'Show the keys', run: showKeys }, ...pages }, 'Everywhere');
}
