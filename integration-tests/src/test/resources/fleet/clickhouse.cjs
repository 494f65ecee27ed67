// Runs the recipe in an embedded ClickHouse, waits until it has read the topics, and writes each view as lines of JSON:
//   node clickhouse.cjs MODULES RECIPE FOLDER BROKERS TOPICS INSTANCES RECORDS EXECUTIONS
// Ends with an error where the recipe is refused, or the records don't come within two minutes.
const fs = require('fs');
const path = require('path');

const [modules, recipe, folder, brokers, topics, instances, records, executions] = process.argv.slice(2);
const { Session } = require(path.join(modules, 'chdb'));
const session = new Session(path.join(folder, 'clickhouse'));
const VIEWS = ['agent_execution_logs', 'agent_execution_progress', 'agent_routing_decisions', 'agent_model_calls', 'agent_events_refused', 'agent_executions_lost'];
const FORMAT = "SETTINGS date_time_output_format='iso', output_format_json_quote_64bit_integers=0, output_format_json_escape_forward_slashes=0";

function run(statement) {
  try {
    return session.query(statement, 'TSV').trim();
  } catch (e) {
    throw new Error(`${e.message || e}\nin: ${statement.trim()}`);
  }
}

function write(suffix) {
  for (const view of VIEWS) {
    const rows = session.query(`SELECT * FROM ${view} ${FORMAT}`, 'JSONEachRow');
    fs.writeFileSync(path.join(folder, `${view}-${suffix}.jsonl`), rows);
  }
}

async function until(what, condition) {
  const end = Date.now() + 120_000;
  while (!condition()) {
    if (Date.now() > end) {
      throw new Error(`not within two minutes: ${what()}`);
    }
    await new Promise((resume) => setTimeout(resume, 200));
  }
}

async function main() {
  const text = fs.readFileSync(recipe, 'utf8')
    .replaceAll('kafka:9092', brokers)
    .replaceAll('agent-execution-logs,agent-execution-details', topics)
    .replaceAll("'agent-instances'", `'${instances}'`);
  for (const statement of text.split(/;\s*\n/)) {
    if (statement.replace(/^--.*$/gm, '').trim()) {
      run(statement);
    }
  }
  const read = () => run('SELECT sum(arraySum(assignments.current_offset)) FROM system.kafka_consumers WHERE database = currentDatabase()');
  const seen = () => run('SELECT count() FROM agent_execution_logs');
  const problem = () => run("SELECT extract(arrayElement(exceptions.text, -1), '^[^\\n]*') FROM system.kafka_consumers LIMIT 1");
  await until(() => `${read()} of ${records} records, ${seen()} of ${executions} executions; ${problem()}`,
    () => Number(read()) >= Number(records) && Number(seen()) >= Number(executions));
  run('SYSTEM STOP MERGES');
  write('as-inserted');
  run('SYSTEM START MERGES');
  for (const table of ['agent_events', 'agent_execution_state']) {
    run(`OPTIMIZE TABLE ${table} FINAL`);
  }
  write('merged');
  console.log(`ClickHouse ${run('SELECT version()')}: ${read()} records, ${seen()} executions, ${run('SELECT count() FROM agent_execution_state')} states`);
}

main().then(() => process.exit(0), (e) => {
  console.error(e.message);
  process.exit(1);
});
