//! Schemas that do not fit, or stop to: each is found, with what to do.

use gongxin_connector_api::{Connector as _, ConnectorError, Problem};

use crate::department::{Housing, TABLE};

/// Tables that lack what the binding needs.
#[tokio::test]
async fn what_does_not_fit_is_found() {
    let cases = [
        ("CREATE TABLE other (x)".to_owned(), Problem::TableMissing, "there is no table or view `estate`"),
        (TABLE.replace("built DATE", "built_on DATE"), Problem::ColumnMissing, "not bound are: `built_on`, `note`"),
        (TABLE.replace("area_m2 TEXT", "area_m2 REAL"), Problem::ColumnType, "binary fractions"),
        (TABLE.replace("area_m2 TEXT", "area_m2 DECIMAL(10,2)"), Problem::ColumnType, "binary fractions"),
        (TABLE.replace("district TEXT NOT NULL", "district TEXT"), Problem::KeyNullable, "`district`"),
        (TABLE.replace(", PRIMARY KEY (district, number)", ""), Problem::KeyNotUnique, "two rows"),
    ];
    for (table, problem, what) in cases {
        let housing = Housing::bare(&table);
        let findings = housing.connector.check().await.unwrap();
        let found = findings.iter().any(|finding| finding.problem == problem && finding.to_string().contains(what));
        assert!(found, "{problem:?}: {findings:?}");
    }
}

/// A column renamed after the installation takes the trigger with it: the check names both.
#[tokio::test]
async fn a_renamed_column_is_found() {
    let housing = Housing::new().await;
    housing.application.execute_batch("INSERT INTO estate (district, number) VALUES ('a', 1)").unwrap();
    housing.application.execute_batch("ALTER TABLE estate RENAME COLUMN name TO title").unwrap();
    let findings = housing.connector.check().await.unwrap();
    assert!(findings.iter().any(|finding| finding.problem == Problem::ColumnMissing), "{findings:?}");
    assert!(findings.iter().any(|finding| finding.problem == Problem::Outbox), "{findings:?}");
    let snapshot = housing.connector.snapshot(&gongxin_connector_api::contract::bound().resource.id, None).await;
    let page = snapshot.unwrap().page().await;
    assert!(matches!(page, Err(ConnectorError::Refused { .. })), "{page:?}");
}

/// A file that is not there, and one that is no database: said with the file's name, and nothing is made in its place.
#[tokio::test]
async fn a_missing_file_is_not_made() {
    let housing = Housing::new().await;
    std::fs::remove_file(&housing.file).unwrap();
    let error = housing.connector.check().await.unwrap_err();
    assert!(matches!(error, ConnectorError::Unreachable { .. }) && error.to_string().contains("housing.db"), "{error}");
    assert!(!housing.file.exists());
    std::fs::write(&housing.file, "no database, and long enough to be looked at as if it were one").unwrap();
    assert!(matches!(housing.connector.check().await, Err(ConnectorError::Unreachable { .. })));
}
