/**
 * Runs the scripts of an operator, each by itself: one that cannot be read, or throws, is said and the others go on. What
 * they expect of the page is made here, from what is there already; only `moment` is fetched for them.
 */
import moment from 'moment';
import React from 'react';
import * as runtime from 'react/jsx-runtime';
import ReactDOM from 'react-dom';
import * as client from 'react-dom/client';
import { api, registerLeft } from './api';
import { failed } from './registry';
import type { Listed } from './start';
import { adoptStyles } from './styles';

interface Globals {
  extensions?: { resources?: Record<string, unknown> };
}

export async function run(scripts: readonly Listed[]): Promise<void> {
  const globals = window as Window & Globals;
  Object.assign(globals, {
    React,
    ReactDOM: { ...ReactDOM, ...client },
    ReactJSXRuntime: { ...runtime },
    Moment: moment,
    extensionsAPI: api,
  });
  const resources: Record<string, unknown> = {};
  globals.extensions = { resources, ...globals.extensions };
  adoptStyles();
  watch();
  await Promise.all(scripts.map(([name, address]) => loaded(name, address)));
  registerLeft(globals.extensions.resources ?? resources);
}

/** In the order of the list, whenever each arrives. */
function loaded(name: string, address: string): Promise<void> {
  return new Promise((resolve) => {
    const script = document.createElement('script');
    script.src = address;
    script.async = false;
    script.dataset['extension'] = name;
    script.addEventListener('load', () => resolve());
    script.addEventListener('error', () => {
      failed(name, 'it could not be fetched');
      resolve();
    });
    document.body.append(script);
  });
}

/** Say what a script threw, or that it is none: while it runs, or later as far as the browser tells where. */
function watch(): void {
  window.addEventListener('error', (event) => {
    const name = nameOf(event.filename);
    if (name) failed(name, event.error ?? event.message);
  });
}

function nameOf(file: string): string {
  const scripts = [...document.querySelectorAll<HTMLScriptElement>('script[data-extension]')];
  const running = scripts.find((script) => script === document.currentScript);
  return (running ?? scripts.find((script) => script.src === file))?.dataset['extension'] ?? '';
}
