export { addressOf, basePath, ownPath } from './base';
export { sessionReplaced } from './carrier';
export { del, get, patch, post, put, type Query, queryString, requestAddress } from './client';
export { ApiError, wordsOf } from './errors';
export { type LiveState, useLive, useLiveState } from './live';
export { keyOf, queryClient, useGet, useSend } from './query';
export { session, useSession } from './session';
export { openStream, type Stream, type StreamState } from './stream';
export type { Settings, UserInfo, Version } from './types';
