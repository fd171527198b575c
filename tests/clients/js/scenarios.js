// Runs scenarios one after the other, each on an empty server and with connections of its own.

const PATIENCE = 20000;

// Waits for a condition, and says what it waited for when that does not come.
async function until(condition, what) {
  const deadline = Date.now() + PATIENCE;
  while (!(await condition())) {
    if (Date.now() > deadline) throw new Error(`waited for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

// `begin` connects and empties the server.
async function run(library, scenarios, connect, begin, close) {
  const port = Number(process.argv[2]);
  let passed = 0;
  for (const [name, scenario] of Object.entries(scenarios)) {
    const opened = [];
    const open = (options) => {
      opened.push(connect(port, options));
      return opened[opened.length - 1];
    };
    const late = setTimeout(() => fail(library, name, new Error("it takes too long")), PATIENCE);
    try {
      await begin(open());
      const begun = Date.now();
      await scenario(open);
      passed++;
      console.log(`ok ${library}: ${name} ${Date.now() - begun} ms`);
    } catch (error) {
      fail(library, name, error);
    } finally {
      clearTimeout(late);
      opened.forEach(close);
    }
  }
  console.log(`${passed} scenarios passed`);
}

function fail(library, name, error) {
  console.error(`${library}: ${name}:`, error);
  process.exit(1);
}

module.exports = { run, until };
