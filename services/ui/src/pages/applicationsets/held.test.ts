import { describe, expect, it } from 'vitest';
import { approvalOf, heldOf } from './held';
import type { ApplicationSet } from './model';

function said(message: string, status = 'True'): ApplicationSet {
  return { metadata: { name: 'shops' }, status: { conditions: [{ type: 'DeletionHeld', status, message }] } };
}

describe('deletions of a set that wait', () => {
  const words = 'Deleting waits to be confirmed. Confirmations since 2026-01-01T00:00:00Z count (list 0123abcd).';

  it('are those of the list that the controller names', () => {
    expect(heldOf(said(words))).toEqual({ words, list: '0123abcd' });
  });

  it('are none where no list is named, where they wait no more, and where nothing is said', () => {
    expect(heldOf(said('Deleting waits.'))).toBeNull();
    expect(heldOf(said(words, 'False'))).toBeNull();
    expect(heldOf({ metadata: { name: 'shops' } })).toBeNull();
  });

  it('are let go by the moment and the list', () => {
    expect(approvalOf(Date.UTC(2026, 0, 2, 3, 4, 5, 678), '0123abcd')).toEqual({
      'argocd.argoproj.io/deletion-approved': '2026-01-02T03:04:05Z',
      'fairlead.dev/approved-list': '2026-01-02T03:04:05Z 0123abcd',
    });
  });
});
