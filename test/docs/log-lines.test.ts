import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const SOURCES = readdirSync('src', { recursive: true, encoding: 'utf8' })
  .filter((file) => file.endsWith('.ts'))
  .map((file) => join('src', file));
const CALL = /\blog\.(?:warn|error|fatal)$|\bcreateLog\('fatal'\)\.fatal$|^warn$/;
/** What libraries say, in their words. */
const PASSED_ON = ['log.warn(message)', 'log.warn(String(message))', 'log.error(String(message))'];

/** The message of each line that warns, with `…` for what is put in. */
function linesOf(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true);
  const lines: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) && CALL.test(node.expression.getText()) && !PASSED_ON.includes(node.getText()))
      lines.push(textOf(node.arguments.at(-1), source) ?? `unknown: ${node.getText()}`);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return lines;
}

function textOf(node: ts.Node | undefined, source: ts.SourceFile): string | undefined {
  if (!node) return undefined;
  if (ts.isStringLiteralLike(node)) return node.text;
  if (ts.isBinaryExpression(node)) return `${textOf(node.left, source)}${textOf(node.right, source)}`;
  if (ts.isTemplateExpression(node))
    return node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join('');
  return ts.isIdentifier(node) ? textOf(constant(node.text, source), source) : undefined;
}

function constant(name: string, source: ts.SourceFile): ts.Expression | undefined {
  const found: ts.Expression[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === name && node.initializer)
      found.push(node.initializer);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found[0];
}

describe('the table of log lines in docs/operate.md', () => {
  const section = /## Logs\n([^]*?)\n## /.exec(readFileSync('docs/operate.md', 'utf8'))?.[1] ?? '';
  const told = [...section.matchAll(/^\| `([^`]+)`/gm)].map(([, line = '']) => line);
  const lines = SOURCES.flatMap((file) => linesOf(file).map((line) => ({ file, line })));

  it('says of each line that warns what to do', () => {
    expect(lines.length).toBeGreaterThan(30);
    expect(lines.filter(({ line }) => !told.some((each) => line.includes(each)))).toEqual([]);
  });

  it('has no line that the hub does not write', () => {
    expect(told.filter((each) => !lines.some(({ line }) => line.includes(each)))).toEqual([]);
  });
});
