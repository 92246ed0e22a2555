//! The text on DataFusion, over a table in several partitions.

use std::{process::ExitCode, sync::Arc, time::Instant};

use datafusion::{
    arrow::{
        array::{ArrayRef, BooleanArray, Float64Array, Int64Array, StringArray},
        datatypes::{DataType, Field, Schema},
        record_batch::RecordBatch,
    },
    common::{ParamValues, ScalarValue},
    datasource::MemTable,
    error::Result,
    prelude::{SessionConfig, SessionContext},
};
use kyckit::credify::segment::{Dialect, Query, SqlValue};

use crate::{
    Work,
    generated::{self, Cell, Kind, User},
};

const PARTITIONS: usize = 4;
const STACK: usize = 64 << 20;

/// Counts all segments, and compares.
pub fn run(work: &Work) -> ExitCode {
    // Without optimisation the planner's frames are large.
    std::thread::scope(|scope| {
        let run = std::thread::Builder::new().stack_size(STACK).spawn_scoped(scope, || compare(work));
        run.expect("a thread").join().expect("DataFusion ran")
    })
}

fn compare(work: &Work) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().thread_stack_size(STACK).enable_all().build();
    let runtime = runtime.expect("a runtime");
    let begun = Instant::now();
    let (mut equal, mut other) = (0, 0);
    runtime.block_on(async {
        let context = context(&work.users).expect("a table");
        for (query, expected) in work.queries(Dialect::DataFusion) {
            for (found, expected) in count(&context, &query).await.expect("counts").iter().zip(expected) {
                if found == expected { equal += 1 } else { other += 1 }
            }
        }
    });
    println!("DataFusion: {equal} counts equal, {other} not, {:.1} s in all", begun.elapsed().as_secs_f64());
    ExitCode::from(u8::from(other > 0))
}

/// A table `users` in partitions that are counted side by side.
fn context(users: &[User]) -> Result<SessionContext> {
    let columns = generated::columns();
    let fields = columns.iter().map(|(name, kind)| {
        let kind = match kind {
            Kind::Number => DataType::Float64,
            Kind::Whole => DataType::Int64,
            Kind::Text => DataType::Utf8,
            Kind::Boolean => DataType::Boolean,
        };
        Field::new(name, kind, true)
    });
    let schema = Arc::new(Schema::new(fields.collect::<Vec<_>>()));
    let partitions = users.chunks(users.len().div_ceil(PARTITIONS)).map(|users| {
        let arrays = columns.iter().enumerate().map(|(index, (_, kind))| {
            macro_rules! array {
                ($kind:ident, $array:ident) => {
                    Arc::new(
                        users
                            .iter()
                            .map(|user| match &user.cells[index] {
                                Cell::$kind(value) => value.clone(),
                                other => panic!("{other:?} in a column of another kind"),
                            })
                            .collect::<$array>(),
                    ) as ArrayRef
                };
            }
            match kind {
                Kind::Number => array!(Number, Float64Array),
                Kind::Whole => array!(Whole, Int64Array),
                Kind::Text => array!(Text, StringArray),
                Kind::Boolean => array!(Boolean, BooleanArray),
            }
        });
        Ok(vec![RecordBatch::try_new(Arc::clone(&schema), arrays.collect())?])
    });
    let table = MemTable::try_new(Arc::clone(&schema), partitions.collect::<Result<_>>()?)?;
    let context = SessionContext::new_with_config(SessionConfig::new().with_target_partitions(PARTITIONS));
    context.register_table("users", Arc::new(table))?;
    Ok(context)
}

async fn count(context: &SessionContext, query: &Query) -> Result<Vec<u64>> {
    let values = query.values().iter().map(|value| match value {
        SqlValue::Boolean(flag) => ScalarValue::Boolean(Some(*flag)),
        SqlValue::Number(number) => ScalarValue::Float64(Some(*number)),
        SqlValue::Text(text) => ScalarValue::Utf8(Some(text.clone())),
        _ => panic!("a new kind of value"),
    });
    let values = ParamValues::from(values.collect::<Vec<_>>());
    let rows = context.sql(query.text()).await?.with_param_values(values)?.collect().await?;
    let row = &rows[0];
    Ok(row
        .columns()
        .iter()
        .map(|column| {
            let counts = column.as_any().downcast_ref::<Int64Array>().expect("64-bit counts");
            u64::try_from(counts.value(0)).expect("not negative")
        })
        .collect())
}
