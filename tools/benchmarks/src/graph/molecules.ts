// Molecules that most have heard of, small and large, for batches.

const known: readonly string[] = [
  "CCO", // ethanol
  "CC(=O)O", // acetic acid
  "c1ccccc1", // benzene
  "c1ccc2ccccc2c1", // naphthalene
  "CC(=O)Oc1ccccc1C(=O)O", // aspirin
  "CC(=O)Nc1ccc(O)cc1", // paracetamol
  "CC(C)Cc1ccc(cc1)C(C)C(=O)O", // ibuprofen
  "Cn1cnc2c1c(=O)n(C)c(=O)n2C", // caffeine
  "CN1CCCC1c1cccnc1", // nicotine
  "OCC1OC(O)C(O)C(O)C1O", // glucose
  "COc1cc(C=O)ccc1O", // vanillin
  "CC(C)C1CCC(C)CC1O", // menthol
  "CC1=CCC(CC1)C(C)=C", // limonene
  "NCCc1ccc(O)c(O)c1", // dopamine
  "NCCc1c[nH]c2ccc(O)cc12", // serotonin
  "CN1CCC23C4C1Cc1ccc(O)c(O4)c1C2C(O)C=C3", // morphine, without its stereo centres
  "CC12CCC3C(CCC4=CC(=O)CCC34C)C1CCC2O", // testosterone
  "CN1c2ccc(Cl)cc2C(=NCC1=O)c1ccccc1", // diazepam
  "CC1(C)SC2C(NC(=O)Cc3ccccc3)C(=O)N2C1C(=O)O", // penicillin G
  "Clc1ccc(cc1)C(c1ccc(Cl)cc1)C(Cl)(Cl)Cl", // DDT
  "CCCCCCCCCCCCCCCCCC(=O)O", // stearic acid
  "CN(C)CCCN1c2ccccc2CCc2ccccc12", // imipramine
  "NS(=O)(=O)c1cc2c(cc1Cl)NCNS2(=O)=O", // hydrochlorothiazide
  "CC(C)NCC(O)COc1cccc2ccccc12", // propranolol
];

/** `count` of them, over and over. */
export function moleculesOfBatch(count: number): string[] {
  return Array.from({ length: count }, (_, n) => known[n % known.length]!);
}
