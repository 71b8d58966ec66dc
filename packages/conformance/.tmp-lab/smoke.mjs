import { createWasmBackend } from "@saccade/attention-core/wasm";
import { createReferenceBackend } from "@saccade/attention-core/reference";
const threads = +(process.argv[2]??1), simd = process.argv[3]??"auto";
const wasm = await createWasmBackend({threads, simd}); const ref = createReferenceBackend();
console.log(wasm.binary, wasm.threads, wasm.reason);
let seed=1; const rnd=n=>Float32Array.from({length:n},()=>{seed=(seed*1664525+1013904223)>>>0;return seed/2**31-1;});
const err=(a,b)=>{let e=0,s=1e-9;for(let i=0;i<a.length;i++){ if(Number.isNaN(a[i])!==Number.isNaN(b[i])) return NaN; if(a[i]===b[i])continue; e=Math.max(e,Math.abs(a[i]-b[i])); if(Number.isFinite(b[i]))s=Math.max(s,Math.abs(b[i]));}return (e/s).toExponential(1);};
async function both(name, f){ const out=[]; for(const b of [wasm,ref]){ const ws=b.workspace(); try{ out.push(await f(ws,b)); }catch(e){console.log(name,b.name,e.stack.split("\n").slice(0,4).join("\n"));out.push(null)} ws[Symbol.dispose](); }
 if(out[0]&&out[1]) console.log(name, Object.keys(out[0]).map(k=>k+" "+(out[0][k].length!==out[1][k].length?"LEN":err(out[0][k],out[1][k]))).join(" | ")); }
const readAll=async(ws,r)=>{const o={out:await ws.read(r.output)};for(const [k,v] of Object.entries(r.maps)) if(k==="topK"){o.keys=await ws.read(v.keys);o.w=await ws.read(v.weights)} else if(v) o[k]=await ws.read(v);return o;};
const offs=(...l)=>{const o=new Int32Array(l.length+1);l.forEach((x,i)=>o[i+1]=o[i]+x);return o;};
const O=offs(5,0,17,1,100), P=123;
const pats={full:{kind:"full"},causal:{kind:"causal"},win:{kind:"window",left:3,right:2},blocks:{kind:"rule",permits:(q,k)=>(q*7+k*3)%5<2}};
const nb=(()=>{const o=[0],ix=[];for(let n=0;n<5;n++){const len=O[n+1]-O[n];for(let i=0;i<len;i++){for(let j=0;j<len;j++)if((i*13+j*7)%11<3)ix.push(j);o.push(ix.length);}}return{kind:"neighbors",offsets:Int32Array.from(o),indices:Int32Array.from(ix)};})();
pats.nb=nb;
const H=4;
for(const [name,pattern] of Object.entries(pats)) for(const [D,Dv] of [[8,8],[5,7],[16,24]]) for (const opts of [{}, {softcap:2}, {kvHeads:2},{normalizer:"relu"},{normalizer:"hard"},{maps:{rows:Int32Array.from([3,7,50,7]),topK:3,columnSums:true,entropy:true,logSumExp:true,full:"weights"}},{maps:{meanOverHeads:true,rows:Int32Array.from([3,7,50]),topK:3,columnSums:true,full:"weights"}},{softcap:1,maps:{full:"scores"}},{softcap:1,maps:{full:"capped"}},{maps:{full:"biased"}}]){
  const kvH=opts.kvHeads??H; const q=rnd(P*H*D),k=rnd(P*kvH*D),v=rnd(P*kvH*Dv);
  await both(`${name} ${D}/${Dv} ${JSON.stringify(opts)}`, async(ws,b)=>{ const plan=b.plan(O,O,pattern); const r=ws.attention(ws.upload(q,[P,H*D]),ws.upload(k,[P,kvH*D]),ws.upload(v,[P,kvH*Dv]),plan,{heads:H,...opts}); return readAll(ws,r); });
}
for(const [name,pattern] of Object.entries(pats)) { const D=8; const q=rnd(P*H*D),k=rnd(P*H*D),v=rnd(P*H*D), dense=rnd(H*(25+289+1+10000)), E=nb.indices.length, edge=rnd(E*H), slopes=rnd(H), table=rnd(H*11), table2=rnd(H*15), vec=rnd(H*D);
 for(const bias of ["dense","alibi","relative","relative2d",...(name==="nb"?["edges"]:[])]) for (const score of ["dot","tanh","leakyRelu"]) 
  await both(`${name} ${bias} ${score}`, async(ws,b)=>{ const plan=b.plan(O,O,pattern); const up=(x,s)=>ws.upload(x,s);
   const B={dense:()=>({kind:"dense",heads:H,values:up(dense,[dense.length])}),alibi:()=>({kind:"alibi",slopes:up(slopes,[H])}),relative:()=>({kind:"relative",table:up(table,[H,11])}),relative2d:()=>({kind:"relative2d",table:up(table2,[H,15]),columns:4,reach:[1,2]}),edges:()=>({kind:"edges",values:up(edge,[E,H])})}[bias]();
   const r=ws.attention(up(q,[P,H*D]),up(k,[P,H*D]),up(v,[P,H*D]),plan,{heads:H,bias:B,score:score==="dot"?{kind:"dot"}:{kind:"additive",activation:score,vector:up(vec,[H,D])},maps:{full:"biased",...(name==="nb"?{edges:true}:{})}}); return readAll(ws,r); });
}
for(const [M,K,N] of [[1,7,9],[2,600,33],[3,64,64],[5,5,5],[6,8,8],[97,513,40],[100,1100,70]]) for(const act of [null,"gelu","geluTanh","relu","silu","tanh","sigmoid"]) { const x=rnd(M*K),w=rnd(K*N),bb=rnd(N);
  await both(`linear ${M} ${K} ${N} ${act}`, async(ws,b)=>{ const W=b.upload(w,[K,N]); const a=await ws.read(ws.linear(ws.upload(x,[M,K]),W,ws.upload(bb,[N]),act)); const c=await ws.read(ws.linear(ws.upload(x,[M,K]),ws.upload(w,[K,N]))); return {a,c}; }); }
const AX=rnd(5000);
{ const x=rnd(P*13),g=rnd(13),be=rnd(13),ids=Int32Array.from({length:40},(_,i)=>(i*7)%14-1);
 await both("misc", async(ws,b)=>{ const X=ws.upload(x,[P,13]),G=ws.upload(g,[13]),B=ws.upload(be,[13]); const R=t=>ws.read(t);
  return {ln:await R(ws.layerNorm(X,G,B,1e-5)),rms:await R(ws.rmsNorm(X,G,1e-5)),sm:await R(ws.softmax(X)),lsm:await R(ws.softmax(X,{log:true})),add:await R(ws.add(X,X)),addb:await R(ws.add(X,B)),mul:await R(ws.multiply(X,G)),emb:await R(ws.embed(X,ws.upload(ids,[20,2]))),unf:await R(ws.unfold(X,ws.upload(ids,[10,4]))),mean:await R(ws.pool(X,O,"mean")),max:await R(ws.pool(X,O,"max")),first:await R(ws.pool(X,O,"first")),sum:await R(ws.pool(X,O,"sum")),cat:await R(ws.concatenate([X,X])),sl:await R(ws.slice(X,3,9)),ap:await R(ws.append([{rows:X,offsets:O},{rows:X,offsets:O}])),act:await R(ws.activate(ws.upload(AX,[5000]),"gelu"))}; }); }
{ const x=rnd(P*24),pos=Int32Array.from({length:P},(_,i)=>i%9); const c=rnd(9*3),s=rnd(9*3);
 await both("rotate", async(ws)=>({a:await ws.read(ws.rotate(ws.upload(x,[P,24]),ws.upload(pos,[P]),ws.upload(c,[9,3]),ws.upload(s,[9,3]),{heads:3,width:6})),b:await ws.read(ws.rotate(ws.upload(x,[P,24]),ws.upload(pos,[P]),ws.upload(c,[9,3]),ws.upload(s,[9,3]),{heads:4,interleaved:true}))})); }
console.log("live", wasm.liveBytes, wasm.memoryBytes);
await wasm[Symbol.asyncDispose]();
