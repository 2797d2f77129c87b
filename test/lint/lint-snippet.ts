import { ESLint } from 'eslint';
import tseslint from 'typescript-eslint';

/** The project's own configuration; rules that need types are off, for snippets stand in no real file. */
const eslint = new ESLint({ overrideConfig: [tseslint.configs.disableTypeChecked] });

/** Names of the rules that report `code`, were it the content of the file at `path`. */
export async function lintSnippet(path: string, code: string): Promise<string[]> {
  const results = await eslint.lintText(code, { filePath: path });
  return results.flatMap(({ messages }) => messages).map(({ ruleId, message }) => ruleId ?? message);
}
