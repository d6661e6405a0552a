import { QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { queryClient, useSend } from './query';

function Form() {
  const send = useSend(async (secret: string) => ({ token: secret }));
  return (
    <button type="button" onClick={() => send.mutate('opensesame')}>
      {send.data ? 'made' : 'make'}
    </button>
  );
}

test('what was sent and answered is forgotten with its form', async () => {
  const { unmount } = render(
    <QueryClientProvider client={queryClient}>
      <Form />
    </QueryClientProvider>,
  );
  screen.getByText('make').click();
  await screen.findByText('made');
  expect(queryClient.getMutationCache().getAll()).toHaveLength(1);
  unmount();
  await waitFor(() => expect(queryClient.getMutationCache().getAll()).toHaveLength(0));
});
