// The last line of a test run: `N passed, N failed`, for readers that know no test runner.

export default class CountingReporter {
  /**
   * @param {readonly import("vitest/node").TestModule[]} modules
   * @param {readonly unknown[]} errors
   */
  onTestRunEnd(modules, errors) {
    let passed = 0;
    let failed = errors.length;
    for (const module of modules) {
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) failed += 1;
      for (const test of module.children.allTests()) {
        if (test.result().state === "passed") passed += 1;
        if (test.result().state === "failed") failed += 1;
      }
    }
    // After the default reporter, which prints when this round of microtasks is over.
    const clients = process.env["REAL_CLIENTS"] === "1" ? "" : "test/real-clients: not run, because REAL_CLIENTS is not 1\n";
    process.once("exit", () => process.stdout.write(`${clients}${passed} passed, ${failed} failed\n`));
  }
}
