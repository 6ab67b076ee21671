// Bundles the extension, and with `--test` the client that the tests drive the server with.
import { build } from "esbuild";

const shared = { bundle: true, platform: "node", target: "node20", format: "cjs", logLevel: "warning" };
await build({
  ...shared,
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  external: ["vscode"],
  minify: true,
});
if (process.argv.includes("--test")) {
  await build({ ...shared, entryPoints: ["test/client.ts"], outfile: "out/client.js" });
}
