import { describe, expect, it } from '@jest/globals';
import { parseJson, readAnswerBody } from '../../src/oauth/answer-body.js';
import { anAnswer } from './answers.js';

describe('readAnswerBody', () => {
  it.each([
    ['JSON', '{"a":1}', { a: 1 }],
    ['JSON with a byte order mark and blanks', '\uFEFF \r\n{"a":1}\n', { a: 1 }],
    ['an empty object', '{}', {}],
    ['a form', 'a=1&b=x%20y+z', { a: '1', b: 'x y z' }],
    ['a form of one field', 'error=access_denied', { error: 'access_denied' }],
  ])('reads %s', (_name, body, fields) => {
    expect(readAnswerBody(anAnswer(body, { contentType: null }))).toEqual({ fields });
  });

  it.each([
    ['nothing', '', 'the answer is empty', true],
    ['a byte order mark alone', '\uFEFF', 'the answer is empty', true],
    ['HTML', '<!doctype html><p>s3cret', 'the answer is HTML or XML, not JSON', false],
    ['a list', '[{"access_token":"s3cret"}]', 'the answer is JSON, but not an object', false],
    ['a text in JSON', '"s3cret"', 'the answer is JSON, but not an object', false],
    ['null', 'null', 'the answer is JSON, but not an object', false],
    ['JSON that is cut off', '{"access_token":"s3cr', 'the answer is not valid JSON, perhaps cut off', true],
    ['plain text', 'Bad request: s3cret', 'the answer is neither JSON nor a form', false],
  ])('says of %s what it is, and nothing of what it says', (_name, body, problem, cutOff) => {
    expect(readAnswerBody(anAnswer(body, { contentType: 'text/plain' }))).toEqual({ problem, cutOff });
  });

  it('takes an answer that calls itself JSON for JSON', () => {
    expect(readAnswerBody(anAnswer('s3cret', { contentType: 'application/problem+json' }))).toMatchObject({
      cutOff: true,
    });
  });
});

describe('parseJson', () => {
  it.each([
    ['{"id":12345678901234567890}', { id: '12345678901234567890' }],
    ['{"id":-12345678901234567890}', { id: '-12345678901234567890' }],
    ['[12345678901234567,1]', ['12345678901234567', 1]],
    ['{"id":9007199254740993,"n":3}', { id: '9007199254740993', n: 3 }],
    ['{"id":123456789012345}', { id: 123456789012345 }],
    ['{"x":0.12345678901234567890}', { x: 0.12345678901234568 }],
    ['{"x":1234567890123456789.5}', { x: 1234567890123456800 }],
    ['{"x":1234567890123456e3}', { x: 1234567890123456000 }],
    ['{"x":"12345678901234567890"}', { x: '12345678901234567890' }],
    ['{"x":"a\\"12345678901234567890"}', { x: 'a"12345678901234567890' }],
    ['{"x\\\\":12345678901234567890}', { 'x\\': '12345678901234567890' }],
  ])('keeps every digit of %s', (text, value) => {
    expect(parseJson(text)).toEqual(value);
  });

  it('gives no prototype away', () => {
    expect(Object.getPrototypeOf(parseJson('{"__proto__":{"polluted":true}}'))).toBe(Object.prototype);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each([
    [
      'a text of a megabyte',
      `{"a":"${'x"\\'.replace('"', '\\"').replace(/\\$/, '\\\\').repeat(200_000)}","n":12345678901234567}`,
    ],
    ['deep nesting', '['.repeat(200_000)],
    ['an open text full of quotes', `{"n":12345678901234567,"a":"${'\\"'.repeat(400_000)}`],
  ])('survives %s', (_name, text) => {
    expect(() => parseJson(text)).not.toThrow();
  });
});
