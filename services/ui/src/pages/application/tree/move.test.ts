import { describe, expect, test } from 'vitest';
import { application, deployment, node } from '../example';
import { joined } from '../model';
import { byOwner } from './forest';
import { found, nextTrouble, stepOf } from './move';
import { APPLICATION, NO_WISHES, pictured } from './picture';

const objects = joined(application(), [...deployment('web', 2), node('Service', 'api')], []);
const picture = pictured(objects, byOwner(objects), NO_WISHES);
const idOf = (name: string) => picture.shown.find((one) => one.object?.name === name)?.id ?? '';

describe('moving in a tree with the keyboard', () => {
  test('arrows go up, down, in and out', () => {
    expect(stepOf(picture, APPLICATION, 'ArrowDown')).toEqual({ do: 'go', id: idOf('api') });
    expect(stepOf(picture, idOf('web'), 'ArrowRight')).toEqual({ do: 'go', id: idOf('web-7d4b9') });
    expect(stepOf(picture, idOf('web'), 'ArrowLeft')).toEqual({ do: 'close', id: idOf('web') });
    expect(stepOf(picture, idOf('web-7d4b9-0'), 'ArrowLeft')).toEqual({ do: 'go', id: idOf('web-7d4b9') });
    expect(stepOf(picture, idOf('web-7d4b9-1'), 'ArrowDown')).toBeNull();
  });

  test('enter opens what one is at', () => {
    expect(stepOf(picture, idOf('api'), 'Enter')).toEqual({ do: 'choose', id: idOf('api') });
  });

  test('letters find names from here on', () => {
    expect(found(picture, APPLICATION, 'web')).toBe(idOf('web'));
    expect(found(picture, idOf('web'), 'w')).toBe(idOf('web-7d4b9'));
    expect(found(picture, APPLICATION, 'zzz')).toBeNull();
  });

  test('the next trouble is found around the end', () => {
    const isPod = (name: string) => nextTrouble(picture, idOf(name), (one) => one.object?.kind === 'Service');
    expect(isPod('web-7d4b9-1')).toBe(idOf('api'));
    expect(nextTrouble(picture, null, () => false)).toBeNull();
  });
});
