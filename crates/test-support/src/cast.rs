//! The cast: who acts in tests, with keys that follow from the seed.

use gongxin_crypto::{SealingSecret, SecretKey, Suite};
use gongxin_types::transaction::{Actor, Sender};
use gongxin_types::{GatewayId, OfficerId, OrganizationId, Role};

/// Members of the sandbox with their kinds' roles: the four departments that also run validators, then the competent
/// authority and the supervisor.
pub const DEPARTMENTS: [&str; 4] = ["civil-affairs", "public-security", "social-security", "housing"];

/// The competent authority.
pub const AUTHORITY: &str = "data-bureau";

/// The supervisor.
pub const SUPERVISOR: &str = "audit-office";

/// An officer or a gateway with its secret key.
#[derive(Debug)]
pub struct Person {
    /// Whom it acts for.
    pub organization: OrganizationId,
    /// Officer or gateway.
    pub actor: Actor,
    /// Roles; none of a gateway.
    pub roles: Vec<Role>,
    /// The key it signs with.
    pub secret: SecretKey,
}

impl Person {
    /// A new person of this name, not known to any ledger yet. The same seed and name give the same person.
    pub fn new(suite: Suite, seed: u64, organization: &str, name: &str, roles: &[Role]) -> Self {
        let label = format!("{organization}/{name}");
        let id = OfficerId::new(bytes(seed, "officer", &label));
        Self {
            organization: organization.parse().expect("an organization's name"),
            actor: Actor::Officer(id),
            roles: roles.to_vec(),
            secret: suite.secret_from_seed(&bytes(seed, "key", &label)),
        }
    }

    /// A new gateway of this name.
    pub fn gateway(suite: Suite, seed: u64, organization: &str, name: &str) -> Self {
        let label = format!("{organization}/{name}");
        let id = GatewayId::new(bytes(seed, "gateway", &label));
        let secret = suite.secret_from_seed(&bytes(seed, "key", &label));
        Self { actor: Actor::Gateway(id), secret, ..Self::new(suite, seed, organization, name, &[]) }
    }

    /// As the sender of a transaction.
    pub fn sender(&self) -> Sender {
        Sender { organization: self.organization.clone(), actor: self.actor, key: self.secret.public() }
    }

    /// The officer's identifier.
    pub fn officer_id(&self) -> OfficerId {
        match self.actor {
            Actor::Officer(id) => id,
            Actor::Gateway(id) => panic!("`{id}` is a gateway"),
        }
    }

    /// The gateway's identifier.
    pub fn gateway_id(&self) -> GatewayId {
        match self.actor {
            Actor::Gateway(id) => id,
            Actor::Officer(id) => panic!("`{id}` is an officer"),
        }
    }
}

/// Everyone in genesis.
#[derive(Debug)]
pub struct Cast {
    /// Officers, by organization and role.
    pub officers: Vec<Person>,
    /// One gateway of every department.
    pub gateways: Vec<Person>,
}

impl Cast {
    /// The cast of a seed.
    pub fn new(suite: Suite, seed: u64) -> Self {
        let mut officers = Vec::new();
        let mut gateways = Vec::new();
        for department in DEPARTMENTS {
            for role in [Role::CaseOfficer, Role::DataSteward, Role::Authority, Role::Operator] {
                officers.push(Person::new(suite, seed, department, role.code(), &[role]));
            }
            gateways.push(Person::gateway(suite, seed, department, "gateway"));
        }
        for role in [Role::Authority, Role::Operator] {
            officers.push(Person::new(suite, seed, AUTHORITY, role.code(), &[role]));
        }
        for role in [Role::Supervisor, Role::Authority] {
            officers.push(Person::new(suite, seed, SUPERVISOR, role.code(), &[role]));
        }
        Self { officers, gateways }
    }

    /// The officer of this organization with this role.
    pub fn officer(&self, organization: &str, role: Role) -> &Person {
        let found =
            self.officers.iter().find(|one| one.organization.as_str() == organization && one.roles.contains(&role));
        found.unwrap_or_else(|| panic!("no {} at `{organization}`", role.code()))
    }

    /// The gateway of this organization.
    pub fn gateway(&self, organization: &str) -> &Person {
        let found = self.gateways.iter().find(|one| one.organization.as_str() == organization);
        found.unwrap_or_else(|| panic!("no gateway at `{organization}`"))
    }
}

/// Bytes that follow from seed, kind and label.
pub fn bytes<const N: usize>(seed: u64, kind: &str, label: &str) -> [u8; N] {
    let digest = Suite::Intl.tagged("gongxin-test-1", &[&seed.to_le_bytes(), kind.as_bytes(), &[0], label.as_bytes()]);
    let mut bytes = [0; N];
    bytes.copy_from_slice(digest.as_bytes().get(..N).expect("at most 32 bytes"));
    bytes
}

/// A sealing key that follows from seed and label.
pub fn sealing(seed: u64, label: &str) -> SealingSecret {
    SealingSecret::from_seed(&bytes(seed, "sealing", label))
}
