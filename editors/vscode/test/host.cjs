// Activates the bundled extension in a stand-in for VS Code, and prints what a person would be shown as JSON.
//
//     node host.cjs EXTENSION SETTINGS-AS-JSON FOLDER TRUSTED

const Module = require("node:module");

const [bundle, settings, folder, trusted] = process.argv.slice(2);
const given = JSON.parse(settings);
const shown = [];
const logged = [];
const commands = new Map();
const started = [];

/** Something of VS Code that the test has no use for: a class, a function and an object at once. */
function anything() {
  const known = new Map();
  return new Proxy(class {}, {
    get: (target, name) => {
      if (name === "then" || typeof name === "symbol") return undefined;
      if (name === "prototype") return target.prototype;
      if (!known.has(name)) known.set(name, anything());
      return known.get(name);
    },
    apply: () => anything(),
    construct: () => ({ dispose() {}, event: () => ({ dispose() {} }), fire() {} }),
  });
}

const over = (own) => {
  const rest = anything();
  return new Proxy(own, { get: (target, name) => (name in target ? target[name] : rest[name]) });
};
const log = (message) => void logged.push(String(message));
const channel = {
  info: log, error: log, debug: log, warn: log, trace: log, append: log, appendLine: log,
  show() {}, dispose() {}, name: "nemolint", logLevel: 1, onDidChangeLogLevel: () => ({ dispose() {} }),
};
const disposable = () => ({ dispose() {} });
class Emitter {
  listeners = [];
  event = (listener) => (this.listeners.push(listener), { dispose() {} });
  fire(value) { for (const listener of this.listeners) listener(value); }
  dispose() {}
}
const uri = { scheme: "file", fsPath: folder, path: folder, toString: () => `file://${folder}` };
const vscode = over({
  version: "1.91.0",
  EventEmitter: Emitter,
  CancellationTokenSource: class { token = { isCancellationRequested: false, onCancellationRequested: disposable }; cancel() {} dispose() {} },
  Disposable: class { constructor(dispose) { this.dispose = dispose; } static from() { return { dispose() {} }; } },
  env: over({ language: "en", appName: "a stand-in" }),
  window: over({
    createOutputChannel: () => channel,
    showErrorMessage: async (message, ...choices) => void shown.push([message, ...choices]),
    showWarningMessage: async (message) => void shown.push([message]),
    showInformationMessage: async (message) => void shown.push([message]),
    tabGroups: { all: [], onDidChangeTabs: disposable },
    visibleTextEditors: [],
    onDidChangeActiveTextEditor: disposable,
    onDidChangeVisibleTextEditors: disposable,
  }),
  workspace: over({
    isTrusted: trusted === "true",
    workspaceFolders: [{ uri, name: "folder", index: 0 }],
    textDocuments: [],
    notebookDocuments: [],
    getConfiguration: (section) => ({
      get: (name, value) => given[section ? `${section}.${name}` : name] ?? value,
      inspect: () => undefined,
    }),
    onDidGrantWorkspaceTrust: disposable,
    onDidChangeConfiguration: disposable,
    onDidChangeWorkspaceFolders: disposable,
    createFileSystemWatcher: () => ({ onDidCreate: disposable, onDidChange: disposable, onDidDelete: disposable, dispose() {} }),
  }),
  commands: over({ registerCommand: (name, action) => (commands.set(name, action), { dispose() {} }) }),
  languages: over({ createDiagnosticCollection: () => ({ set() {}, delete() {}, clear() {}, dispose() {} }) }),
});

const load = Module._load;
const children = require("node:child_process");
const { spawn } = children;
children.spawn = (program, ...rest) => {
  started.push(program);
  return spawn(program, ...rest);
};
Module._load = (name, ...rest) => (name === "vscode" ? vscode : load(name, ...rest));
process.on("unhandledRejection", (error) => log(error?.stack ?? error));

(async () => {
  const extension = require(bundle);
  await extension.activate({ subscriptions: [] });
  const first = { shown: [...shown], started: [...started] };
  await commands.get("nemolint.restartServer")();
  const second = { shown: shown.slice(first.shown.length), started: started.slice(first.started.length) };
  await extension.deactivate();
  process.stdout.write(`${JSON.stringify({ first, second, commands: [...commands.keys()], logged })}\n`);
  process.exit(0);
})();
