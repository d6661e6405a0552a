import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { describe, expect, it, vi } from 'vitest';
import { asCounted, FacetsPanel, offered } from './FacetsPanel';
import { emptyView, withValues } from './view';

const view = emptyView('tiles');

describe('the filters', () => {
  it('say how many applications each value leaves, and are chosen with a click', async () => {
    const onChange = vi.fn();
    const facets = { project: { values: [{ value: 'shop', count: 1234 }] } };
    render(<FacetsPanel view={view} facets={facets} onChange={onChange} />);
    await userEvent.click(screen.getByRole('checkbox', { name: /shop.*1,234/ }));
    expect(onChange).toHaveBeenCalledWith('project', ['shop']);
  });

  it('offer a cluster by its name, however it was chosen', async () => {
    const onChange = vi.fn();
    const facets = { cluster: { values: [{ value: 'https://10.0.0.1', name: 'prod', count: 3 }] } };
    render(<FacetsPanel view={withValues(view, 'cluster', ['prod'])} facets={facets} onChange={onChange} />);
    const box = screen.getByRole('checkbox', { name: /prod/ });
    expect((box as HTMLInputElement).checked).toBe(true);
    await userEvent.click(box);
    expect(onChange).toHaveBeenCalledWith('cluster', []);
  });
});

it('the worst is offered first, and what is said in two ways is one', () => {
  const values = [
    { value: 'Healthy', count: 9 },
    { value: 'Degraded', count: 1 },
  ];
  expect(offered('health', { values }).map(({ value }) => value)).toEqual(['Degraded', 'Healthy']);
  expect(offered('namespace', { values: [{ value: '', count: 1 }] })).toEqual([]);
  expect(asCounted([{ value: 'https://a', name: 'a', count: 1 }], 'a')).toBe('https://a');
});
