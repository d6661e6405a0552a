import { afterEach, describe, expect, test, vi } from 'vitest';
import { del, get, post, queryString } from './client';
import type { ApiError } from './errors';
import { session } from './session';

function answer(status: number, body: string): void {
  vi.stubGlobal(
    'fetch',
    vi.fn(async () => new Response(body, { status })),
  );
}

async function failure(asked: Promise<unknown>): Promise<ApiError> {
  return asked.then(
    () => Promise.reject(new Error('it succeeded')),
    (error: ApiError) => error,
  );
}

afterEach(() => {
  vi.unstubAllGlobals();
  session.left();
});

describe('a request', () => {
  test('repeats the fields of a list and leaves out what is not said', () => {
    expect(queryString({ project: ['a', 'b'], search: 'x y', limit: 0, cluster: undefined, sort: null })).toBe(
      'project=a&project=b&search=x+y&limit=0',
    );
  });

  test('says its content type also where it has no body, which the API insists on', async () => {
    answer(200, '{}');
    await del('/api/v1/applications/shop');
    const [address, init] = vi.mocked(fetch).mock.calls[0] ?? [];
    expect(address).toBe('/api/v1/applications/shop');
    expect(new Headers(init?.headers).get('Content-Type')).toBe('application/json');
  });

  test('that is refused is an error with its words and codes', async () => {
    answer(403, '{"error":"permission denied","code":7,"message":"permission denied: applications, sync, shop/cart"}');
    const error = await failure(post('/api/v1/applications/cart/sync', {}));
    expect(error).toMatchObject({ status: 403, code: 7, message: 'permission denied: applications, sync, shop/cart' });
    expect(error.isDenied).toBe(true);
  });

  test('that nobody answers can be repeated', async () => {
    vi.stubGlobal(
      'fetch',
      vi.fn(async () => Promise.reject(new TypeError('Failed to fetch'))),
    );
    const error = await failure(get('/api/v1/settings'));
    expect(error.message).toBe('The server cannot be reached.');
    expect(error.isTransient).toBe(true);
  });

  test('that a proxy answers with a page shows none of it', async () => {
    answer(502, '<html><script>alert(1)</script></html>');
    expect((await failure(get('/api/v1/clusters'))).message).toContain('502');
  });

  test('that is answered with no JSON is an error too', async () => {
    answer(200, '<html></html>');
    expect((await failure(get('/api/v1/clusters'))).message).toContain('not JSON');
  });
});

describe('a session', () => {
  test('that never was is absent, one that was is ended', async () => {
    answer(401, '{"message":"no session information","code":16}');
    await failure(get('/api/v1/applications'));
    expect(session.state).toBe('absent');
    answer(200, '{}');
    await get('/api/v1/applications');
    expect(session.state).toBe('open');
    answer(401, '{"message":"invalid session: expired","code":16}');
    await failure(get('/api/v1/applications'));
    expect(session.state).toBe('ended');
  });

  test('is neither opened by what everybody may read nor ended by a wrong password', async () => {
    answer(200, '{}');
    await get('/api/v1/settings');
    await get('/api/v1/session/userinfo');
    expect(session.state).toBe('unknown');
    answer(401, '{"message":"Invalid username or password","code":16}');
    expect((await failure(post('/api/v1/session', {}))).message).toBe('Invalid username or password');
    expect(session.state).toBe('unknown');
  });
});
