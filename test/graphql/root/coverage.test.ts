import 'reflect-metadata';
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { beforeAll, describe, expect, it } from '@jest/globals';
import type { GraphQLSchema } from 'graphql';
import { describedSchema } from '../../../src/graphql/print-schema.js';

const SUFFIX = '.test.ts';
const FOLDER = fileURLToPath(new URL('.', import.meta.url));

describe('the tests of root fields', () => {
  let schema: GraphQLSchema;
  let tested: string[];

  beforeAll(async () => {
    schema = await describedSchema();
    tested = readdirSync(FOLDER)
      .filter((name) => name.endsWith(SUFFIX) && name !== `coverage${SUFFIX}`)
      .map((name) => name.slice(0, -SUFFIX.length));
  });

  const rootFields = () =>
    [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].flatMap((type) =>
      Object.keys(type?.getFields() ?? {}),
    );

  it('has one file for each root field: add test/graphql/root/<field>.test.ts', () => {
    expect(rootFields().filter((field) => !tested.includes(field))).toEqual([]);
  });

  it('has no file that names no root field: rename it, or move it out of test/graphql/root', () => {
    expect(tested.filter((field) => !rootFields().includes(field))).toEqual([]);
  });

  it('looks at the schema that is served', () => {
    expect(rootFields()).toEqual(expect.arrayContaining(['viewer', 'providers', 'createProvider', 'rotateKeys']));
  });
});
