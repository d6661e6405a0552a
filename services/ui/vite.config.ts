/** How the UI is built: files with hashed names that find each other relatively, so that any base path works. */
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Where the build goes; never into the tree. */
const out = process.env['FAIRLEAD_UI_OUT'] ?? join(tmpdir(), 'fairlead-ui');
/** The API server that `npm run dev` speaks to. */
const server = process.env['FAIRLEAD_SERVER'] ?? 'http://127.0.0.1:8080';
const served = ['/api', '/auth', '/terminal', '/swagger.json', '/download'];

const documents = [here('index.html'), here('terminal.html')].filter((document) => existsSync(document));

const tests = 'src/**/*.test.{ts,tsx}';
/** Those that put other modules in the place of ours, or whose module remembers: none of the others may meet these. */
const alone = 'src/**/*.alone.test.{ts,tsx}';

export default defineConfig({
  base: './',
  plugins: [react()],
  cacheDir: join(tmpdir(), 'fairlead-vite'),
  resolve: { alias: { '@': here('src') } },
  build: {
    outDir: out,
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: { input: documents },
  },
  worker: { format: 'es' },
  css: { modules: { localsConvention: 'camelCaseOnly' } },
  server: {
    proxy: Object.fromEntries(
      served.map((path) => [path, { target: server, secure: false, ws: path === '/terminal' || path === '/api' }]),
    ),
  },
  test: {
    environment: 'happy-dom',
    setupFiles: ['src/test/setup.ts'],
    restoreMocks: true,
    unstubGlobals: true,
    // A machine that is busy makes nothing wrong.
    testTimeout: 60_000,
    css: { modules: { classNameStrategy: 'non-scoped' } },
    projects: [
      { extends: true, test: { name: 'together', isolate: false, include: [tests], exclude: [alone] } },
      { extends: true, test: { name: 'alone', include: [alone] } },
    ],
  },
});
