//! Resource 数据资源: one catalogued data set of an organization under a duty, and its fields.
//!
//! The entry follows 《政务数据共享条例》 art. 13–15 and the catalogue template of 2017 (GB/T 21063).

use borsh::{BorshDeserialize, BorshSerialize};
use serde::{Deserialize, Serialize};

use crate::{BasisCode, Bilingual, DutyId, FieldName, List, ResourceId, Time, limits};

/// Share attribute 共享属性 (条例 art. 15).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum ShareAttribute {
    /// 无条件共享.
    Unconditional,
    /// 有条件共享, with the condition.
    Conditional {
        /// The condition, concretely.
        condition: Bilingual<{ limits::DESCRIPTION_BYTES_MAX }>,
    },
    /// 不予共享, with the law that forbids it.
    Withheld {
        /// The law.
        legal_basis: BasisCode,
    },
}

impl ShareAttribute {
    /// The code, as in policies.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unconditional => "unconditional",
            Self::Conditional { .. } => "conditional",
            Self::Withheld { .. } => "withheld",
        }
    }
}

/// Open attribute 开放属性.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "kind", deny_unknown_fields)]
pub enum OpenAttribute {
    /// 无条件开放.
    Unconditional,
    /// 有条件开放, with the condition.
    Conditional {
        /// The condition, concretely.
        condition: Bilingual<{ limits::DESCRIPTION_BYTES_MAX }>,
    },
    /// 不予开放, with the law that forbids it.
    Closed {
        /// The law.
        legal_basis: BasisCode,
    },
}

/// Classification and grade (GB/T 43697-2024): general data grade 1 to 4, important, core.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum Classification {
    /// 一般数据 1 级.
    General1,
    /// 一般数据 2 级.
    General2,
    /// 一般数据 3 级.
    General3,
    /// 一般数据 4 级.
    General4,
    /// 重要数据.
    Important,
    /// 核心数据.
    Core,
}

/// Update cycle 更新周期 (编制指南 2017).
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum UpdateCycle {
    /// 实时.
    RealTime,
    /// 每日.
    Daily,
    /// 每周.
    Weekly,
    /// 每旬.
    TenDays,
    /// 每月.
    Monthly,
    /// 每季度.
    Quarterly,
    /// 每年.
    Yearly,
}

/// Whom the records are about.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// Nobody: places, things, rules. A reading is listed under the record.
    None,
    /// Natural persons 自然人.
    Person,
    /// Legal persons and other organizations 法人和其他组织.
    LegalPerson,
}

/// Type of a value; docs/spec/row.md gives the bytes.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, BorshSerialize, BorshDeserialize, Serialize, Deserialize,
)]
#[serde(rename_all = "kebab-case")]
pub enum FieldType {
    /// UTF-8 as given, without normalisation.
    Text,
    /// A signed integer of 64 bits.
    Integer,
    /// Yes or no.
    Boolean,
    /// A civil date.
    Date,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// Its name in rows and grants.
    pub name: FieldName,
    /// Its title on pages.
    pub title: Bilingual<{ limits::TITLE_BYTES_MAX }>,
    /// Type of its values.
    pub value: FieldType,
    /// Whether a value may be missing (NULL).
    pub nullable: bool,
    /// Whether it is one of the columns that name the row.
    pub key: bool,
    /// Its own classification; the resource's is at least the highest of its fields.
    pub classification: Classification,
}

/// One catalogued data set.
#[derive(Clone, Debug, PartialEq, Eq, BorshSerialize, BorshDeserialize, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Resource {
    /// Encoding version: 1.
    pub version: u8,
    /// Organization and name.
    pub id: ResourceId,
    /// Under which duty it is kept.
    pub duty: DutyId,
    /// Official title.
    pub title: Bilingual<{ limits::TITLE_BYTES_MAX }>,
    /// What it holds.
    pub description: Bilingual<{ limits::DESCRIPTION_BYTES_MAX }>,
    /// Columns, in catalogue order; at least one is a key.
    pub fields: List<Field, { limits::FIELDS_MAX }>,
    /// Whom the records are about.
    pub subjects: SubjectKind,
    /// Share attribute.
    pub share: ShareAttribute,
    /// Open attribute.
    pub open: OpenAttribute,
    /// Classification of the whole.
    pub classification: Classification,
    /// How often it is brought up to date.
    pub update_cycle: UpdateCycle,
    /// Counts its changes, from 1.
    pub revision: u32,
    /// When it left the catalogue.
    pub withdrawn: Option<Time>,
}

impl Resource {
    /// The columns that name a row, in catalogue order.
    pub fn key_fields(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.key)
    }

    /// The position and definition of a column.
    pub fn field(&self, name: &FieldName) -> Option<(usize, &Field)> {
        self.fields.iter().enumerate().find(|(_, field)| field.name == *name)
    }
}
