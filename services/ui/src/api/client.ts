/** Requests to the API: JSON in, JSON out, every failure an `ApiError`. */
import { addressOf } from './base';
import { heardDate } from './clock';
import { ApiError, UNREACHABLE } from './errors';
import { session } from './session';

type Value = string | number | boolean | null | undefined;
/** Query fields; a list is repeated, undefined and null are left out. */
export type Query = { readonly [field: string]: Value | readonly string[] };

export interface RequestOptions {
  signal?: AbortSignal | undefined;
  /** The resourceVersion that is meant: a conflict (409) where it is another by now. */
  version?: string | undefined;
}

/** What answers without a session says nothing about one. */
const OPEN_TO_ALL = ['/api/v1/settings', '/api/v1/session', '/api/version'];

/** `a=1&b=2&b=3` of a query, or `''`. */
export function queryString(query: Query | undefined): string {
  const fields = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value === undefined || value === null) continue;
    if (Array.isArray(value)) for (const one of value) fields.append(name, one);
    else fields.append(name, String(value));
  }
  return fields.toString();
}

/** A path below the base with its query. */
export function requestPath(path: string, query?: Query): string {
  const fields = queryString(query);
  return path + (fields ? `?${fields}` : '');
}

/** The address of a request. */
export function requestAddress(path: string, query?: Query): string {
  return addressOf(requestPath(path, query));
}

export function get<T>(path: string, query?: Query, options?: RequestOptions): Promise<T> {
  return ask<T>('GET', path, undefined, query, options);
}

export function post<T>(path: string, body?: unknown, query?: Query, options?: RequestOptions): Promise<T> {
  return ask<T>('POST', path, body, query, options);
}

export function put<T>(path: string, body?: unknown, query?: Query, options?: RequestOptions): Promise<T> {
  return ask<T>('PUT', path, body, query, options);
}

export function patch<T>(path: string, body?: unknown, query?: Query, options?: RequestOptions): Promise<T> {
  return ask<T>('PATCH', path, body, query, options);
}

export function del<T>(path: string, query?: Query, options?: RequestOptions): Promise<T> {
  return ask<T>('DELETE', path, undefined, query, options);
}

async function ask<T>(
  method: string,
  path: string,
  body: unknown,
  query?: Query,
  options?: RequestOptions,
): Promise<T> {
  const response = await answerOf(requestAddress(path, query), {
    method,
    credentials: 'same-origin',
    signal: options?.signal ?? null,
    headers: {
      Accept: 'application/json',
      ...(method === 'GET' ? {} : { 'Content-Type': 'application/json' }),
      ...(options?.version ? { 'If-Match': `"${options.version}"` } : {}),
    },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw await refusal(response, path);
  if (!isOpenToAll(path)) session.opened();
  return (await read(response)) as T;
}

/** The response of a fetch; an address that nobody answers is an `ApiError`, an abort stays an abort. */
export async function answerOf(address: string, init: RequestInit): Promise<Response> {
  try {
    const response = await fetch(address, init);
    heardDate(response.headers.get('Date'));
    return response;
  } catch (error) {
    if (init.signal?.aborted) throw error;
    throw new ApiError(UNREACHABLE, 14, 'The server cannot be reached.');
  }
}

/** The error that a response with a bad status means; a missing session is told to everybody. */
export async function refusal(response: Response, path: string): Promise<ApiError> {
  const text = await response.text().catch(() => '');
  const error = described(response.status, response.statusText, text);
  if (error.isSessionEnd && path !== '/api/v1/session') session.ended();
  return error;
}

/** The error that a status and the body beside it mean. */
export function described(status: number, reason: string, text: string): ApiError {
  try {
    const said: unknown = JSON.parse(text);
    if (typeof said === 'object' && said !== null) {
      const { message, error, code } = said as { message?: unknown; error?: unknown; code?: unknown };
      const words = typeof message === 'string' ? message : typeof error === 'string' ? error : '';
      if (words) return new ApiError(status, typeof code === 'number' ? code : 2, words);
    }
  } catch {
    // A proxy in between, or plain text: told below.
  }
  const words = text.length <= 300 && !text.trimStart().startsWith('<') ? text.trim() : '';
  return new ApiError(status, 2, words || `The server answered ${status} ${reason}`.trim());
}

async function read(response: Response): Promise<unknown> {
  const text = await response.text();
  if (!text) return {};
  try {
    return JSON.parse(text);
  } catch {
    throw new ApiError(response.status, 2, 'The server answered with something that is not JSON.');
  }
}

function isOpenToAll(path: string): boolean {
  return OPEN_TO_ALL.some((open) => path === open || path.startsWith(`${open}/`));
}
