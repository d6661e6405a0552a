/** What one test leaves behind in what it shares with the next: a page, its storage, its clock. */
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

afterEach(() => {
  cleanup();
  vi.useRealTimers();
  window.localStorage.clear();
});
