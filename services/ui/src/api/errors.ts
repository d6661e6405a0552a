/** What a request of ours can end in. One kind of error, whatever went wrong: pages show its words and ask what it is. */

/** The status of a request that no server answered. */
export const UNREACHABLE = 0;

/** A refusal of the API, or no answer at all (`status` 0). */
export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    /** The HTTP status; 0 when nobody answered. */
    readonly status: number,
    /** The gRPC code, as the API says it. */
    readonly code: number,
    message: string,
  ) {
    super(message);
  }

  get isUnreachable(): boolean {
    return this.status === UNREACHABLE || this.status === 502 || this.status === 503 || this.status === 504;
  }

  get isDenied(): boolean {
    return this.status === 403;
  }

  get isNotFound(): boolean {
    return this.status === 404;
  }

  get isConflict(): boolean {
    return this.status === 409;
  }

  get isSessionEnd(): boolean {
    return this.status === 401;
  }

  /** Whether the same request may succeed a little later. */
  get isTransient(): boolean {
    return this.isUnreachable || this.status === 408 || this.status === 429 || this.status >= 500;
  }
}

/** What went wrong, in words for a reader. */
export function wordsOf(error: unknown): string {
  if (error instanceof Error && error.message) return error.message;
  if (typeof error === 'string' && error) return error;
  return 'Something failed, and nothing was said about it.';
}
