// Two kinds of code are not mutated, because no mutant of them can matter (docs/mutation.md):
// sentences for people, and the branch that the compiler proves to be unreachable.
import { PluginKind, declareValuePlugin } from '@stryker-mutator/api/plugin';

/** Two words with a blank between them, or Chinese. No code, key, id or currency list has these. */
const SENTENCE = /\p{Ll}+,? \p{Ll}+|\p{Script=Han}/u;

function textOf(node) {
  if (node.type === 'StringLiteral') return node.value;
  if (node.type === 'TemplateLiteral') return node.quasis.map((part) => part.value.raw).join('');
  return '';
}

/** `default: { const never: never = …; … }`. */
function isUnreachable(node) {
  if (node.type !== 'SwitchCase' || node.test !== null) return false;
  const [block] = node.consequent;
  const first = block?.type === 'BlockStatement' ? block.body[0] : undefined;
  const declared = first?.type === 'VariableDeclaration' ? first.declarations[0]?.id : undefined;
  return declared?.typeAnnotation?.typeAnnotation?.type === 'TSNeverKeyword';
}

export const strykerPlugins = [
  declareValuePlugin(PluginKind.Ignore, 'words-and-never', {
    shouldIgnore({ node }) {
      if (SENTENCE.test(textOf(node))) return 'a sentence for people';
      if (isUnreachable(node)) return 'unreachable, as the compiler proves';
      return undefined;
    },
  }),
];
